using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Nats.Setup;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Nats.Tests.Setup;

/// <summary>A server that knows the roles: each can do its work, and nothing of the others'.</summary>
public sealed class RolePermissionsTests : IAsyncLifetime
{
    private const string Prefix = "loki";
    private const string Demand = "demand";
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);
    private readonly List<IAsyncDisposable> _open = [];
    private NatsServerProcess _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        NatsFixture.Require();
        _server = await NatsServerProcess.StartAsync(RolePermissions.ServerConfiguration(Prefix, static r => $"\"{RolePermissions.User(r)}-secret\""));
        _open.Add(_server);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
    }

    [Fact]
    public async Task Roles_TheirWork_IsAllowed()
    {
        var (planner, ingress, worker) = (Open(ClusterRole.Planner), Open(ClusterRole.Ingress), Open(ClusterRole.Worker));
        await planner.Keeper.EnsureAsync([Messages.Stage], Token);
        Assert.True(await planner.State.ClaimAsync("planner/leader", "p", Noon, Ten, Token));
        Assert.NotNull(await planner.State.ReplaceDocumentAsync(PlanDocument.Name, new string('p', 500_000), null, Token));

        Assert.True(await worker.State.ClaimAsync("worker/cpu/w", "w", Noon, Ten, Token));
        Assert.True(await worker.State.ClaimAsync("place/traffic/detect/n/cpu/0", "w", Noon, Ten, Token));
        await worker.State.ReleaseAsync("place/traffic/detect/n/cpu/0", "w", Token);
        Assert.True(await worker.State.ClaimAsync("sweep/traffic/detect/n", "w", Noon, Ten, Token));
        Assert.Equal(500_000, (await worker.State.FindDocumentAsync(PlanDocument.Name, Token))!.Length);
        await worker.State.PutDocumentAsync("models", "[]", Token);
        await worker.State.PutDocumentAsync("profiles/cpu", "[]", Token);
        await worker.State.AddSampleAsync(WorkerReport.Series, "w", Noon, "{}", Token);

        Assert.Single(await ingress.State.SamplesAsync(WorkerReport.Series, Noon, Token));
        Assert.Single(await planner.State.LeasesAsync("worker/", Noon, Token));
        await ingress.State.AddSampleAsync(Demand, "i", Noon, "{}", Token);
        Assert.Single(await planner.State.SamplesAsync(Demand, Noon, Token));
        await planner.State.PruneSamplesAsync(Demand, Noon.AddSeconds(1), Token);

        var received = new ConcurrentQueue<StageReply>();
        await using var inbox = ingress.Replies.OpenInbox("loki-replies-i", reply =>
        {
            received.Enqueue(reply);
            return ValueTask.CompletedTask;
        });
        await ingress.Sender.SendAsync(Messages.Stage, Messages.Message("run", payloadBytes: 700_000), Token);
        var queues = (NatsStageQueues)worker.Queues(new FakeItems());
        await using var receiver = queues.OpenReceiver(Messages.Stage, static () => { });
        await Messaging.QueuesUnderTest.Arrived(receiver, 1);
        await worker.Sender.SendAsync(Messages.Stage, Messages.Message("child"), Token);
        await worker.Replies.SendAsync("loki-replies-i", Messages.Reply("run"), Token);
        Assert.Equal("run", Assert.Single(received).QueryId);
        await Messaging.QueuesUnderTest.Arrived(receiver, 2);
        foreach (var item in Messaging.QueuesUnderTest.Take(receiver))
            await receiver.CompleteAsync(item, Token);

        var run = await ingress.State.AcceptAsync(Run("r"), new byte[] { 1 }, Token);
        Assert.True(await ingress.State.ClaimAsync("run/r", "i", Noon, Ten, Token));
        Assert.True(await ingress.State.EndRunAsync("r", RunState.Completed, "{}", Noon, Token));
        Assert.Empty(await ingress.State.UnfinishedRunsAsync(Token));
        Assert.Single((await ingress.State.ListRunsAsync(5, null, null, Token)).Runs);
        await ingress.Payloads.DeleteAsync(run!.Payload, Token);
        Assert.Equal(1, await ingress.State.PruneRunsAsync(Noon.AddSeconds(1), 5, Token));
        await planner.Keeper.RetireAsync([], Token);
    }

    [Fact]
    public async Task Library_AdminPushes_OthersOnlyRead()
    {
        var folder = Directory.CreateTempSubdirectory("loki-library-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "in", "models"));
            await File.WriteAllTextAsync(Path.Combine(folder, "in", "pipeline.json"), "{}", Token);
            await File.WriteAllBytesAsync(Path.Combine(folder, "in", "models", "m.onnx"), new byte[600_000], Token);
            var admin = Open(ClusterRole.Admin);
            Assert.Equal(2, await new ModelLibrary(admin.Link, admin.State).PushAsync("traffic", Path.Combine(folder, "in"), Token));
            Assert.Equal(0, await new ModelLibrary(admin.Link, admin.State).PushAsync("traffic", Path.Combine(folder, "in"), Token));
            var worker = Open(ClusterRole.Worker);
            var files = await new ModelLibrary(worker.Link, worker.State).PullAsync(Path.Combine(folder, "out"), null, Token);
            Assert.Equal([Path.Combine(folder, "out", "traffic", "pipeline.json")], files);
            Assert.Equal(600_000, new FileInfo(Path.Combine(folder, "out", "traffic", "models", "m.onnx")).Length);
            await DeniedAsync(worker.State.PutDocumentAsync("library", "{}", Token).AsTask());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Worker_PublishesNoPlan_LeadsNoPlannerAndEndsNoRun()
    {
        var (admin, worker) = (Open(ClusterRole.Admin), Open(ClusterRole.Worker));
        var version = await admin.State.ReplaceDocumentAsync(PlanDocument.Name, "plan", null, Token);
        await admin.State.AddRunAsync(Run("r"), Token);
        await admin.State.AddSampleAsync(Demand, "i", Noon, "{}", Token);
        await Task.WhenAll(
            DeniedAsync(worker.State.ReplaceDocumentAsync(PlanDocument.Name, "mine", version, Token).AsTask()),
            DeniedAsync(worker.State.ClaimAsync("planner/leader", "w", Noon, Ten, Token).AsTask()),
            DeniedAsync(worker.State.ClaimAsync("run/r", "w", Noon, Ten, Token).AsTask()),
            DeniedAsync(worker.State.EndRunAsync("r", RunState.Completed, "{}", Noon, Token).AsTask()),
            DeniedAsync(worker.State.AddSampleAsync(Demand, "i", Noon, "{}", Token).AsTask()),
            DeniedAsync(worker.State.PruneSamplesAsync(Demand, Noon.AddSeconds(1), Token).AsTask()));
        Assert.Equal("plan", await admin.State.FindDocumentAsync(PlanDocument.Name, Token));
        Assert.Equal(RunState.Accepted, (await admin.State.FindRunAsync("r", Token))!.State);
        Assert.Empty(await admin.State.LeasesAsync("", Noon, Token));
        Assert.Single(await admin.State.SamplesAsync(Demand, Noon, Token));
    }

    [Theory]
    [InlineData(ClusterRole.Worker, "loki.reply.>")]
    [InlineData(ClusterRole.Worker, "_INBOX.loki.ingress.>")]
    [InlineData(ClusterRole.Worker, "$KV.loki-runs.>")]
    [InlineData(ClusterRole.Worker, "loki.stage.>")]
    [InlineData(ClusterRole.Worker, ">")]
    [InlineData(ClusterRole.Planner, "loki.reply.>")]
    [InlineData(ClusterRole.Planner, "loki.stage.>")]
    [InlineData(ClusterRole.Ingress, "_INBOX.loki.worker.>")]
    public async Task Role_SubjectsOfOthers_AreNotRead(ClusterRole role, string subject)
    {
        var (admin, curious) = (Open(ClusterRole.Admin), Open(role));
        var heard = new ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var listening = ListenAsync();
        var allowed = $"{new NatsNames(Prefix).Inbox(RolePermissions.User(role))}.mine";
        var own = OwnAsync();
        // Until what it may hear arrives: by then the server has answered the subscription before.
        await Messaging.QueuesUnderTest.Eventually(
            async () =>
            {
                foreach (var other in (string[])["loki.reply.x", "_INBOX.loki.ingress.x", "_INBOX.loki.worker.x", "$KV.loki-runs.run.r", "loki.stage.express.a.b.c", allowed])
                    await admin.Link.Connection.PublishAsync(other, "secret"u8.ToArray(), cancellationToken: Token);
                return heard.Contains(allowed);
            },
            "its own subject was heard");
        await stop.CancelAsync();
        await Task.WhenAll(listening, own);
        Assert.All(heard, h => Assert.Equal(allowed, h));

        Task ListenAsync() => HearAsync(subject);

        Task OwnAsync() => HearAsync(allowed);

        async Task HearAsync(string from)
        {
            try
            {
                await foreach (var message in curious.Link.Connection.SubscribeAsync<byte[]>(from, cancellationToken: stop.Token))
                    heard.Enqueue(message.Subject);
            }
            catch (Exception e) when (e is OperationCanceledException or NatsException)
            {
                // Denied, or the test is over.
            }
        }
    }

    [Fact]
    public async Task Stranger_IsNotLetIn()
    {
        await using var link = new NatsLink(Options(new NatsCredentials { User = "worker", Password = "wrong" }), "stranger", NullLoggerFactory.Instance);
        await DeniedAsync(new NatsStateStore(link, new NatsPayloadStore(link)).FindDocumentAsync(PlanDocument.Name, Token).AsTask());
    }

    private static async Task DeniedAsync(Task call) => Assert.True(await Record.ExceptionAsync(() => call) is TimeoutException or NatsException, "It was not denied.");

    private NatsPorts Open(ClusterRole role)
    {
        var user = RolePermissions.User(role);
        var ports = new NatsPorts(Options(new NatsCredentials { User = user, Password = $"{user}-secret" }), new QueueOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _open.Add(ports);
        return ports;
    }

    private NatsOptions Options(NatsCredentials credentials) => new()
    {
        Url = _server.Url, Prefix = Prefix, Credentials = credentials, CallTimeout = TimeSpan.FromSeconds(5), TryTimeout = TimeSpan.FromSeconds(2),
    };
}
