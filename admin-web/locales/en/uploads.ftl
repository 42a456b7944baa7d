# Bringing files by a link: what is refused, and the drop zone.

upload-over = The link's time is over.
upload-offset = So many bytes are here already: { $offset }. Go on there.
upload-too-long = The file has more bytes than it announced.
upload-too-many-parts = The file came in too many small parts. Begin it anew, with larger ones.
upload-too-large = { $left } of { $most } are left: this file does not fit.
upload-too-many = No more than { $most } files fit here.
upload-no-file = There is no file in this form.
