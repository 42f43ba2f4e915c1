-- A command that writes, and finds nothing to write to.
redis.call('HDEL', key, '')
return {now}
