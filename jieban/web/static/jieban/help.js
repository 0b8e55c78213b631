// Knowledge base beside a call: Alt+K goes to its search; an article can be taken as the answer.

function answerField() {
  return document.querySelector("form [name=answer], form [data-answer]");
}

function use(button) {
  const words = button.closest(".read-aloud").querySelector("[data-answer-words]");
  const field = answerField();
  if (!words || !field) return;
  field.value = words.dataset.answerWords;
  let article = field.form.elements.answer_article;
  if (!article) {
    article = document.createElement("input");
    article.type = "hidden";
    article.name = "answer_article";
    field.form.append(article);
  }
  article.value = words.dataset.answerArticle;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

export function watchHelp() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-use-answer]");
    if (button) use(button);
  });
  // A page without a field for an answer cannot take one.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (answerField()) return;
    for (const button of event.target.querySelectorAll("[data-use-answer]")) button.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    const search = document.querySelector("[data-help]");
    if (!search || !event.altKey || event.code !== "KeyK") return;
    event.preventDefault();
    search.focus();
    search.select();
  });
}
