const { PolicyPack } = require("@pulumi/policy");

new PolicyPack("tiny", {
  policies: [
    {
      name: "no-shouting",
      description: "A note speaks softly.",
      enforcementLevel: "mandatory",
      validateResource: (resource, reportViolation) => {
        if (resource.type === "tiny:index:Note" && resource.props.text === resource.props.text.toUpperCase()) {
          reportViolation(`"${resource.props.text}" shouts`);
        }
      },
    },
  ],
});
