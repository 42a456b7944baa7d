//! Host → plugin → host → plugin → host.

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_comes_back_as_a_message_sent_by_the_host() {
    let world = World::started(&["echo"]).await;
    world
        .command("echo", "/echo hello over there")
        .await
        .unwrap();
    let calls = world.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].plugin, "echo");
    assert_eq!(calls[0].method, "telegram.SendMessage");
    assert_eq!(calls[0].body["text"], "hello over there");
    assert_eq!(calls[0].body["chat_id"], 1001);
    assert!(
        calls[0].update_id.is_some(),
        "the call is made in the name of the delivery"
    );
    let info = world.host.info("echo").unwrap();
    // One health check at the start, one command.
    assert_eq!(
        (info.stats.delivered, info.stats.failed, info.in_flight),
        (2, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_plugin_leaves_the_process_and_its_commands_stay_known() {
    let world = World::started(&["echo"]).await;
    assert!(world.host.routes().command("echo").unwrap().running);
    assert_eq!(world.mapped().len(), 1);
    let info = world.host.disable("echo").await.unwrap();
    assert_eq!(
        (info.state.to_string().as_str(), info.leaked, info.threads),
        ("stopped", 0, 0)
    );
    assert_eq!(world.mapped(), Vec::<String>::new(), "{}", world.lines());
    assert!(!world.host.routes().command("echo").unwrap().running);
    let error = world.command("echo", "/echo x").await.unwrap_err();
    assert_eq!(error.to_string(), "the plugin is not available: stopped");
    world.host.enable("echo").await.unwrap();
    world.command("echo", "/echo again").await.unwrap();
}
