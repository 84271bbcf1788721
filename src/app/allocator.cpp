/// What jemalloc is told before main() runs; the environment's MALLOC_CONF has the last word.
///
/// A server whose players are quiet makes no calls that would return memory, so a thread of jemalloc's own does.
extern "C" {
extern char const *malloc_conf;
char const *malloc_conf = "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0";
}
