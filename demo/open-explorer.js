// In the editor of the demo the explorer is open from the start. Node-RED's setting editorTheme.page.scripts brings this
// into the demo's page only; the tab that the browser remembers for this address stays what it was.
const REMEMBERED = "last-sidebar-tab";

RED.events.on("flows:loaded", () => {
  // After Node-RED has shown the tab that it remembers.
  setTimeout(() => {
    const tab = RED.settings.getLocal(REMEMBERED);
    RED.actions.invoke("teamviewer-iot:show-explorer");
    RED.settings.setLocal(REMEMBERED, tab);
  }, 0);
});
