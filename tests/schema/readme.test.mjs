import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import test from "node:test";
import { read, root } from "./documents.mjs";

test("the README shows the first game as it is", () => {
  assert.ok(read("README.md").includes(`\`\`\`python\n${read("docs/first_game.py")}\`\`\``));
});

const pages = ["README.md", "docs/protocol.md", "docs/dice.md", "docs/systems.md", "docs/architecture.md"];
for (const page of pages) {
  test(`the links of ${page} lead somewhere`, () => {
    const links = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
    for (const link of links) {
      const [file, heading] = link.split("#");
      const target = file === "" ? page : page.replace(/[^/]*$/, "") + file;
      assert.ok(existsSync(root + target), `${page} links to ${link}`);
      if (heading === undefined) continue;
      const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
        text
          .toLowerCase()
          .replace(/[^\w\- ]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(headings.includes(heading), `${page} links to ${link}`);
    }
  });
}
