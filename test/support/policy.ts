import * as z from "zod";

const Statement = z.object({
  effect: z.string().default("Allow"),
  actions: z.array(z.string()),
  resources: z.array(z.string()).optional(),
  principals: z.array(z.object({ type: z.string(), identifiers: z.array(z.string()) })).optional(),
  conditions: z
    .array(z.object({ test: z.string(), variable: z.string(), values: z.array(z.string()) }))
    .optional(),
});

/** What AWS's provider makes of a policy document: IAM's own JSON. */
export function makePolicy(inputs: unknown) {
  const statements = z.array(Statement).parse(inputs);
  const policy = { Version: "2012-10-17", Statement: statements.map(makeStatement) };
  return { statements, json: JSON.stringify(policy) };
}

function makeStatement({ effect, actions, resources, principals, conditions }: z.infer<typeof Statement>) {
  return {
    Effect: effect,
    Action: actions,
    Resource: resources,
    Principal:
      principals && Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])),
    Condition:
      conditions &&
      Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
  };
}
