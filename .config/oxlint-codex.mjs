// Bans for which oxlint has no rule of its own.

/** `new Date()` and `Date()` read the clock as `Date.now()` does. */
const noClockDate = {
  create: (context) => ({
    NewExpression(node) {
      if (isDate(node.callee) && node.arguments.length === 0) reportClock(context, node)
    },
    CallExpression(node) {
      if (isDate(node.callee)) reportClock(context, node)
    },
  }),
}

function isDate(callee) {
  return callee.type === 'Identifier' && callee.name === 'Date'
}

function reportClock(context, node) {
  context.report({ node, message: 'Without a time it reads the clock; the time comes from the Clock port.' })
}

/** At most three positional parameters, then an options object. */
const positionalParameters = {
  create: (context) => ({
    FunctionDeclaration: (node) => checkParameters(context, node),
    FunctionExpression: (node) => checkParameters(context, node),
    ArrowFunctionExpression: (node) => checkParameters(context, node),
  }),
}

function checkParameters(context, node) {
  const positional = node.params.filter((parameter, index) => !(index === 3 && isOptions(parameter)))
  if (positional.length <= 3) return
  context.report({ node, message: `${positional.length} positional parameters; at most 3, then an options object.` })
}

function isOptions(parameter) {
  const target = parameter.type === 'AssignmentPattern' ? parameter.left : parameter
  return target.type === 'ObjectPattern' || (target.type === 'Identifier' && target.name === 'options')
}

export default {
  meta: { name: 'codex' },
  rules: { 'no-clock-date': noClockDate, 'positional-parameters': positionalParameters },
}
