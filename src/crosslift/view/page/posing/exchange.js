"use strict";

/** Say what became of something, until the next thing is said. */
function say(text, wrong = false) {
  const line = find("said");
  line.textContent = text;
  line.classList.toggle("wrong", wrong);
  line.hidden = !text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { line.hidden = true; }, wrong ? 12000 : 4000);
}

const textOf = (page) => JSON.stringify(page.doc.words(), null, 2);

/** Put the pose on the clipboard, or show it as text where the browser does not allow that. */
async function copy(page) {
  try {
    await navigator.clipboard.writeText(textOf(page));
    say("Copied as JSON.");
  } catch {
    showText(page);
    find("text-field").select();
  }
}

function showText(page) {
  find("text-field").value = textOf(page);
  find("text-problem").textContent = "";
  if (!find("text").open) find("text").showModal();
}

/** Take the pose that is written in the field. */
function useText(page) {
  try {
    page.take(JSON.parse(find("text-field").value));
    find("text").close();
    say("Taken over.");
  } catch (problem) {
    find("text-problem").textContent = problem.message;
  }
}

/** Hand the pose to the browser as a file. */
function download(page) {
  const url = URL.createObjectURL(new Blob([textOf(page) + "\n"], { type: "application/json" }));
  make("a", { href: url, download: `${page.doc.name.replace(/[^\w.-]+/g, "_") || "pose"}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Have the server write the files that it was told. */
async function save(page) {
  const { token } = page.content.save;
  try {
    const answer = await fetch("/save", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Crosslift-Token": token },
      body: JSON.stringify({ pose: page.doc.words(), camera: page.camera }),
    });
    const told = await answer.json();
    if (told.problem) throw new Error(told.problem);
    say(`Written: ${told.files.join(", ")}. ${told.notes.join(" ")}`);
  } catch (problem) {
    const gone = problem instanceof TypeError;
    say(gone ? "crosslift pose does not answer any more; copy the pose, and start it again." : problem.message, true);
  }
}
