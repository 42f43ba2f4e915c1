-- A command that writes, and finds nothing to write to.
redis.call('PEXPIRE', key, 1)
return {now}
