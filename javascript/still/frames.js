// An explorer whose pictures were drawn when the page was made: its controls choose among them.

import { controlsOf } from "../shared/controls.js";
import { Page, widgetOf } from "../shared/explorer.js";

class Frames extends Page {
  constructor(context) {
    super(context, context.model.get("data").label);
    this.made = controlsOf(this.data.controls, (values) => this.choices.choose(values));
    this.controls.append(...this.made.elements);
    this.note.textContent = this.data.note;
  }

  light(values) {
    this.made.set(values);
  }

  draw(answer) {
    const pictures = Object.keys(answer).filter((name) => name.startsWith("picture"));
    this.picture.innerHTML = pictures.map((name) => answer[name]).join("");
    this.say(answer.status);
  }
}

export default widgetOf(Frames);
