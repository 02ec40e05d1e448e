// Every texture can be decoded, has powers of two for its sides, and all of them fit into the budget.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { readPng } from './png.mjs'

const budget = Number(process.env.TEXTURE_BUDGET)
const problems = []
const textures = readdirSync('assets')
  .filter((file) => file.endsWith('.png'))
  .toSorted()
  .flatMap((file) => {
    const path = `assets/${file}`
    try {
      const { width, height } = readPng(readFileSync(path))
      if (![width, height].every((side) => Number.isInteger(Math.log2(side)))) {
        problems.push(`${path}: ${width} x ${height} pixels, and both have to be powers of two`)
      }
      // Four bytes for a pixel, whatever the file takes on the disk.
      return [{ path, width, height, memory: width * height * 4, bytes: statSync(path).size }]
    } catch (error) {
      problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
const memory = textures.reduce((sum, texture) => sum + texture.memory, 0)
if (textures.length === 0) problems.push('assets: there is no texture')
if (!(memory <= budget)) problems.push(`assets: the textures need ${memory} bytes, and ${budget} are there`)
writeFileSync('artifacts/textures.json', `${JSON.stringify({ budget, memory, textures }, null, 2)}\n`)
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
