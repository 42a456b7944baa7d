// A link carries its code behind the "#", which browsers never send. Move it into the form, take it
// out of the address and the history, and send the form, unless it has more to fill in.
"use strict";
const form = document.getElementById("login-link");
const code = location.hash.slice(1);
if (form && /^[A-Za-z0-9_-]{22}$/.test(code)) {
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.code.value = code;
  if (form.dataset.stay === undefined) form.submit();
  else form.querySelector("input:not([name=code])").focus();
}
