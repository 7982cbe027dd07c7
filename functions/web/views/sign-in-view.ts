import { ApiError } from "../client/api-client.ts";
import { isHeaderToken } from "../client/browser-storage.ts";
import { runAction } from "../components/feedback.ts";
import { clearErrorsOnInput, makeInput, markErrors, readField } from "../components/form-fields.ts";
import { make, makeHeading, showView, type ViewContext } from "../components/view-elements.ts";

type SignInOptions = {
  /** True when the API has just refused the stored token. */
  hasEnded: boolean;
  /** Signs in with the token. Throws an ApiError for a wrong token. */
  enter: (token: string) => Promise<void>;
};

export function showSignIn(app: ViewContext, { hasEnded, enter }: SignInOptions): void {
  const { signIn: words } = app.locale.words;
  const button = make("button", { type: "submit", class: "primary" }, words.submit);
  const form = make(
    "form",
    { class: "card", novalidate: true },
    makeInput(
      words.label,
      { name: "token", type: "password", autocomplete: "current-password", spellcheck: "false" },
      words.hint,
    ),
    button,
  );
  clearErrorsOnInput(form);
  const complain = (text: string) => markErrors(form, new Map([["token", text]]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = readField(new FormData(form), "token").trim();
    if (token === "") return void complain(words.empty);
    void runAction(app, button, async () => {
      if (!(await tryToken(token, enter))) complain(words.wrong);
    });
  });
  showView(
    app,
    words.title,
    make("header", { class: "lead" }, makeHeading(words.title), make("p", {}, words.intro)),
    form,
  );
  form.querySelector("input")?.focus();
  if (hasEnded) complain(words.ended);
}

async function tryToken(token: string, enter: SignInOptions["enter"]): Promise<boolean> {
  if (!isHeaderToken(token)) return false;
  try {
    await enter(token);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}
