import type { ViewContext } from "./components/view-elements--app.ts";
import { openHome } from "./views/home-view--home.ts";
import { makeHomeLink } from "./components/feedback--link.ts";
import { showMessage } from "./components/feedback--notice.ts";
import { openExport, openExportFile, openRequest } from "./views/export-view--own.ts";
import type { PageRoute } from "./page-router.ts";
import { openSharedExport } from "./views/export-view--visit.ts";

/** Shows what the address asks for. */
export async function openRoute(app: ViewContext, place: PageRoute): Promise<void> {
  switch (place.name) {
    case "home":
      return await openHome(app);
    case "request":
      return await openRequest(app, new URLSearchParams(place.query));
    case "export":
      return await openExport(app, place.id);
    case "file":
      return await openExportFile(app, place.id);
    case "share":
      return await openSharedExport(app, place.token);
    case "unknown":
      return showMessage(app, app.speech.words.unknown, makeHomeLink(app));
  }
}
