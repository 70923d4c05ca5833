// Opens a page that `-f html` wrote in a real browser, uses it by the keyboard alone, and says what it saw as JSON.
//
//   node page.mjs PUPPETEER BROWSER PAGE [FOLDER]     with a folder: screenshots of it, light and dark, go there

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , modules, browserPath, file, folder] = process.argv;
const puppeteer = createRequire(`${modules}/`)("puppeteer-core");

const browser = await puppeteer.launch({
  executablePath: browserPath,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 1000 });
  const errors = [];
  const asked = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => asked.push(request.url()));
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.goto(pathToFileURL(file).href);

  const visible = () => page.$$eval(".finding", (rows) => rows.filter((row) => !row.hidden).length);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim().replace(/\s+/g, " ").slice(0, 200));
  const seen = { title: await page.title(), all: (await page.$$(".finding")).length, first: await visible() };

  // The search, by its key; then rows, and one of them opened.
  await page.keyboard.press("/");
  await page.keyboard.type("second.env");
  seen.searched = await visible();
  await page.keyboard.press("Escape");
  seen.cleared = await visible();
  await page.keyboard.press("j");
  seen.row = await focused();
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  seen.rowAgain = await focused();
  await page.keyboard.press("Enter");
  seen.open = await page.$$eval(".finding details[open]", (rows) => rows.length);
  if (folder) await page.screenshot({ path: `${folder}/light.png` });

  // Everything that can be pressed is reached with Tab, and Space presses it: here the rule that comes first.
  await page.evaluate(() => document.activeElement.blur());
  const reached = new Set();
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const all = [...document.querySelectorAll("button, input, select, summary")];
      return all.indexOf(document.activeElement);
    });
    // Behind the last one the page itself has its turn, and then the first.
    if (reached.has(at)) break;
    if (at >= 0) reached.add(at);
  }
  const controls = await page.$$eval("button, input, select, summary", (all) => all.filter((one) => one.checkVisibility()).length);
  seen.unreached = controls - reached.size;
  await page.focus(".bar[data-group=rule]");
  await page.keyboard.press("Space");
  seen.byRule = await visible();
  await page.keyboard.press("Space");
  await page.focus("button.tile[data-state=deny]");
  await page.keyboard.press("Space");
  seen.withoutErrors = await visible();
  await page.keyboard.press("Escape");

  // Light and dark, as the system has it and by the button.
  seen.light = await paper();
  await page.focus("#theme");
  await page.keyboard.press("Enter");
  seen.darkByButton = await paper();
  await page.keyboard.press("Enter");
  await page.evaluate(() => delete document.documentElement.dataset.theme);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  seen.dark = await paper();
  if (folder) await page.screenshot({ path: `${folder}/dark.png` });

  // A phone: nothing sticks out at the side.
  await page.setViewport({ width: 390, height: 800 });
  seen.overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (folder) await page.screenshot({ path: `${folder}/phone.png` });

  // Would markup get in, the policy of the page keeps its script from running.
  seen.injected = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    return Boolean(window.ran);
  });
  seen.asked = asked.filter((url) => !url.startsWith("file:"));
  seen.errors = errors.filter((text) => !text.includes("Content Security Policy"));
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
