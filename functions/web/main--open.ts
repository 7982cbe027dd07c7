import type { App } from "./components/view-elements--app.ts";
import { openHome } from "./views/home-view--home.ts";
import { makeHomeLink } from "./components/feedback--link.ts";
import { showNotice } from "./components/feedback--notice.ts";
import { openExport, openFile, openRequest } from "./views/export-view--own.ts";
import type { Place } from "./page-router.ts";
import { openShare } from "./views/export-view--visit.ts";

/** Shows what the address asks for. */
export async function openPlace(app: App, place: Place): Promise<void> {
  switch (place.name) {
    case "home":
      return await openHome(app);
    case "request":
      return await openRequest(app, new URLSearchParams(place.query));
    case "export":
      return await openExport(app, place.id);
    case "file":
      return await openFile(app, place.id);
    case "share":
      return await openShare(app, place.token);
    case "unknown":
      return showNotice(app, app.speech.words.unknown, makeHomeLink(app));
  }
}
