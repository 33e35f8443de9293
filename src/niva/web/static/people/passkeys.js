/* allauth's scripts only write a failed passkey to the console; people need a sentence on the page. */
document.addEventListener("allauth.error", (event) => {
  const note = document.getElementById("passkey-failed");
  if (!note) return;
  event.preventDefault();
  note.hidden = false;
});
document.addEventListener("click", () => {
  const note = document.getElementById("passkey-failed");
  if (note) note.hidden = true;
}, true);
