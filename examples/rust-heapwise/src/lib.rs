// SPDX-License-Identifier: MIT
//! heapwise's C API (include/heapwise/heapwise.h) for Rust, without dependencies: copy it or take it as
//! a path dependency. Outside of `heapwise run` every function returns `None` or does nothing.
//!
//! ```no_run
//! let (value, stats) = heapwise::count(|| vec![1, 2, 3]);
//! if let Some(stats) = stats {
//!     assert!(stats.allocations <= 1);
//! }
//! heapwise::no_alloc("lookup", || value.iter().sum::<i32>());
//! ```

use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::sync::atomic::{AtomicPtr, Ordering};

/// What a thread did inside a scope; the fields are those of `struct heapwise_stats`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub allocations: u64,
    pub allocated_bytes: u64,
    pub frees: u64,
    pub freed_bytes: u64,
    pub outside_frees: u64,
    pub reallocations: u64,
    pub failed: u64,
    pub live_blocks: u64,
    pub live_bytes: u64,
    pub peak_blocks: u64,
    pub peak_bytes: u64,
    pub inexact: u64,
}

#[repr(C)]
struct Api {
    version: u32,
    bytes: u32,
    active: extern "C" fn() -> c_int,
    pool_create: extern "C" fn(*const c_char) -> u64,
    pool_reset: extern "C" fn(u64) -> c_int,
    pool_alloc: extern "C" fn(u64, *const c_void, usize) -> c_int,
    pool_free: extern "C" fn(u64, *const c_void) -> c_int,
    pool_realloc: extern "C" fn(u64, *const c_void, *const c_void, usize) -> c_int,
    pool_memory: extern "C" fn(u64, *const c_void) -> c_int,
    pool_bind: extern "C" fn(*const c_void, u64) -> c_int,
    pool_of: extern "C" fn(*const c_void) -> u64,
    moment: extern "C" fn(c_int, *const c_char) -> c_int,
    scope_begin: extern "C" fn(c_int, *const c_char) -> u64,
    scope_end: extern "C" fn(u64, *mut Stats) -> c_int,
}

extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

fn api() -> Option<&'static Api> {
    const NOT_ASKED: *mut Api = std::ptr::null_mut();
    const NONE: *mut Api = 1 as *mut Api;
    static FOUND: AtomicPtr<Api> = AtomicPtr::new(NOT_ASKED);
    let mut found = FOUND.load(Ordering::Relaxed);
    if found == NOT_ASKED {
        // RTLD_DEFAULT is the null pointer.
        found = unsafe { dlsym(std::ptr::null_mut(), b"heapwise_api\0".as_ptr() as *const c_char) }
            as *mut Api;
        if found.is_null() {
            found = NONE;
        }
        FOUND.store(found, Ordering::Relaxed);
    }
    if found == NONE {
        None
    } else {
        unsafe { found.as_ref() }
    }
}

/// Whether this process is being recorded.
pub fn is_active() -> bool {
    api().map_or(false, |a| (a.active)() != 0)
}

fn moment(what: c_int, name: &str) -> bool {
    match (api(), CString::new(name)) {
        (Some(a), Ok(name)) => (a.moment)(what, name.as_ptr()) != 0,
        _ => false,
    }
}

/// A named moment on the timeline.
pub fn mark(name: &str) -> bool {
    moment(0, name)
}

/// The same, and the recording keeps the whole state of the heap at it.
pub fn snapshot(name: &str) -> bool {
    moment(1, name)
}

/// How the calling thread is called in reports.
pub fn thread_name(name: &str) -> bool {
    moment(2, name)
}

struct Guard(u64);
impl Drop for Guard {
    fn drop(&mut self) {
        if let (Some(a), true) = (api(), self.0 != 0) {
            (a.scope_end)(self.0, std::ptr::null_mut());
        }
    }
}

fn begin(forbid: c_int, name: &CStr) -> Guard {
    Guard(api().map_or(0, |a| (a.scope_begin)(forbid, name.as_ptr())))
}

/// Runs `f` and tells what this thread allocated in it; `None`: not under heapwise.
pub fn count<T>(f: impl FnOnce() -> T) -> (T, Option<Stats>) {
    let guard = begin(0, unsafe { CStr::from_bytes_with_nul_unchecked(b"\0") });
    let value = f();
    let mut stats = Stats::default();
    let known = api().map_or(false, |a| guard.0 != 0 && (a.scope_end)(guard.0, &mut stats) != 0);
    (value, if known { Some(stats) } else { None })
}

/// Runs `f`, in which nothing may be allocated: what is, is in the report with its call stack.
pub fn no_alloc<T>(name: &str, f: impl FnOnce() -> T) -> T {
    let name = CString::new(name).unwrap_or_default();
    let _guard = begin(1, &name);
    f()
}

/// The same; the first allocation aborts the program.
pub fn no_alloc_or_abort<T>(name: &str, f: impl FnOnce() -> T) -> T {
    let name = CString::new(name).unwrap_or_default();
    let _guard = begin(2, &name);
    f()
}

/// A pool: memory that the program hands out itself.
pub struct Pool(u64);

impl Pool {
    pub fn new(name: &str) -> Pool {
        let name = CString::new(name).unwrap_or_default();
        Pool(api().map_or(0, |a| (a.pool_create)(name.as_ptr())))
    }
    pub fn alloc(&self, block: *const u8, size: usize) {
        if let Some(a) = api() {
            (a.pool_alloc)(self.0, block as *const c_void, size);
        }
    }
    pub fn free(&self, block: *const u8) {
        if let Some(a) = api() {
            (a.pool_free)(self.0, block as *const c_void);
        }
    }
    pub fn realloc(&self, old: *const u8, block: *const u8, size: usize) {
        if let Some(a) = api() {
            (a.pool_realloc)(self.0, old as *const c_void, block as *const c_void, size);
        }
    }
    /// All its blocks end.
    pub fn reset(&self) {
        if let Some(a) = api() {
            (a.pool_reset)(self.0);
        }
    }
    /// `memory`, a block of malloc's, is handed out in pieces by this pool: it counts 0 bytes from now on.
    pub fn memory(&self, memory: *const u8) {
        if let Some(a) = api() {
            (a.pool_memory)(self.0, memory as *const c_void);
        }
    }
}
