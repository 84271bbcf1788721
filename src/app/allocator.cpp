/// What jemalloc is told before main() runs; the environment's MALLOC_CONF has the last word.
///
/// A server whose players are quiet makes no calls that would return memory, so a thread of jemalloc's own does.
/// Threads keep freed blocks of up to 1 KiB at hand, not 32: with 10,000 people at rest that is 2 MB of the server's
/// 40, and neither turns nor commits take longer for it.
extern "C" {
extern char const *malloc_conf;
char const *malloc_conf = "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0,tcache_max:1024";
}
