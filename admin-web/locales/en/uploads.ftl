# Bringing files by a link: what is refused, and the drop zone.

upload-over = The link's time is over.
upload-offset = So many bytes are here already: { $offset }. Go on there.
upload-too-long = The file has more bytes than it announced.
upload-too-many-parts = The file came in too many small parts. Begin it anew, with larger ones.
upload-too-large = { $left } of { $most } are left: this file does not fit.
upload-too-many = No more than { $most } files fit here.
upload-cut = The request broke off, or came too slowly.
upload-no-file = There is no file in this form.

drop-here = Drop files or folders here
drop-files = Choose files
drop-folder = Choose a folder
drop-left = Room for %1 and %2 more files
drop-kinds = Only: %1
drop-total = %1 of %2
drop-again = Not finished when you left: drop these files again to go on
drop-pause = Pause
drop-resume = Go on
drop-retry = Try again
drop-remove = Remove
drop-waiting = Waiting
drop-done = Done
drop-known = Here already
drop-paused = Paused
drop-too-large = Too large: %1 are left
drop-too-many = No more files fit
drop-wrong-kind = Not a kind of file that fits here
drop-over = This link is over
drop-failed = It did not arrive
drop-offline = Waiting for the connection
