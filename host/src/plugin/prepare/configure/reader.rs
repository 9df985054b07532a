//! Reads a configured instance's memory and globals through the functions that it was instrumented
//! with, for wasmtime-wizer.
//!
//! The trait has no way to say that a read failed. So the error goes out by a channel, and the read,
//! and with it the snapshot, never ends: whoever waits for both drops it.

use super::configure_limits;
use crate::plugin::state::HostState;
use std::future::pending;
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::{Instance, Lift, WasmList};
use wasmtime_wizer::ComponentInstanceState;

pub(super) struct Reader<'a> {
    store: &'a mut Store<HostState>,
    instance: Instance,
    failed: Option<oneshot::Sender<wasmtime::Error>>,
}

impl<'a> Reader<'a> {
    /// The receiver gets the error of a read that failed.
    pub fn new(
        store: &'a mut Store<HostState>,
        instance: Instance,
        memory_mb: u32,
    ) -> (Self, oneshot::Receiver<wasmtime::Error>) {
        // What is copied now is the memory, whole, and `configure` may have used up its fuel.
        store.set_hostcall_fuel((memory_mb as usize + 1) * 1024 * 1024);
        let fuel = store.set_fuel(configure_limits(memory_mb).fuel);
        let (failed, receiver) = oneshot::channel();
        let mut reader = Self {
            store,
            instance,
            failed: Some(failed),
        };
        if let Err(error) = fuel {
            reader.fail(error);
        }
        (reader, receiver)
    }

    fn fail(&mut self, error: wasmtime::Error) {
        if let Some(failed) = self.failed.take() {
            let _ = failed.send(error);
        }
    }

    /// Calls an accessor; does not end when that fails.
    async fn call<R: Lift + Send + 'static>(&mut self, instance: &str, name: &str) -> R {
        match self.try_call(instance, name).await {
            Ok(answer) => answer,
            Err(error) => {
                self.fail(error);
                pending().await
            }
        }
    }

    async fn try_call<R: Lift + Send + 'static>(
        &mut self,
        instance: &str,
        name: &str,
    ) -> wasmtime::Result<R> {
        let store = &mut *self.store;
        let missing = || wasmtime::Error::msg("an accessor is missing");
        let (_, accessors) = self
            .instance
            .get_export(&mut *store, None, instance)
            .ok_or_else(missing)?;
        let (_, accessor) = self
            .instance
            .get_export(&mut *store, Some(&accessors), name)
            .ok_or_else(missing)?;
        let accessor = self
            .instance
            .get_typed_func::<(), (R,)>(&mut *store, accessor)?;
        Ok(accessor.call_async(&mut *store, ()).await?.0)
    }
}

impl ComponentInstanceState for Reader<'_> {
    async fn call_func_ret_list_u8(
        &mut self,
        instance: &str,
        func: &str,
        contents: impl FnOnce(&[u8]) + Send,
    ) {
        let list: WasmList<u8> = self.call(instance, func).await;
        contents(list.as_le_slice(&*self.store));
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.call(instance, func).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.call(instance, func).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.call::<f32>(instance, func).await.to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.call::<f64>(instance, func).await.to_bits()
    }
}
