-- What each script begins with. KEYS[1] is the entry of a user: a hash with two fields for each session, its sealed value
-- under its name, and its note under its name with an `m` behind it. Times are in milliseconds since 1970, by the
-- server's clock. ARGV[1] is by how much tests have moved the app's clock.
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]

-- A note: `1 generation ends seen`, and where there is a lease, a rest or a failure ` owner leased taken rests failures`.
-- Nothing where the format is another release's.
local function read(text)
  local generation, ends, seen, rest = string.match(text or '', '^1 (%d+) (%d+) (%d+)(.*)$')
  if not generation then return nil end
  local owner, leased, taken, rests, failures = string.match(rest, '^ (%S+) (%d+) (%d) (%d+) (%d+)$')
  return {
    generation = tonumber(generation), ends = tonumber(ends), seen = tonumber(seen), owner = owner or '-',
    leased = tonumber(leased or 0), taken = tonumber(taken or 0), rests = tonumber(rests or 0),
    failures = tonumber(failures or 0),
  }
end

local function write(note)
  local text = string.format('1 %.0f %.0f %.0f', note.generation, note.ends, note.seen)
  if note.owner == '-' and note.rests == 0 and note.failures == 0 then return text end
  return text .. string.format(' %s %.0f %d %.0f %.0f', note.owner, note.leased, note.taken, note.rests, note.failures)
end

-- The note of a session that is there and not over, and its text.
local function live(name)
  local text = redis.call('HGET', key, name .. 'm')
  local note = read(text)
  if note and note.ends > now and redis.call('HEXISTS', key, name) == 1 then return note, text end
end

local function note_down(name, note)
  redis.call('HSET', key, name .. 'm', write(note))
end

-- The entry lasts as long as its longest session.
local function outlast(ends)
  local life = ends - now
  if redis.call('PTTL', key) < life then redis.call('PEXPIRE', key, string.format('%.0f', life)) end
end
