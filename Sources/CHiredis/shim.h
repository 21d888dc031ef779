// The parser of replies (RESP2) of the system's hiredis, and a function of the C library that Swift's Glibc leaves out.
#include <hiredis/hiredis.h>
#include <spawn.h>

int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
