/** Entry point of every page. Each part does nothing where its markup is absent. */

import { startActions } from "./actions.js";
import { startAges } from "./ages.js";
import { startBell } from "./bell.js";
import { startFiling } from "./filing.js";
import { startInstallation } from "./install.js";
import { startLists } from "./lists.js";
import { startMenus } from "./menus.js";
import { startParts } from "./parts.js";
import { startPills } from "./pills.js";

startMenus();
startActions();
startAges();
startParts();
startPills();
startBell();
startFiling();
startLists();
startInstallation();
