#ifndef MULTIVERSION_H
#define MULTIVERSION_H

#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define MULTIVERSION __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define MULTIVERSION  // arm64 and ThreadSanitizer: one version
#endif
#define INLINE static inline __attribute__((always_inline))

#endif
