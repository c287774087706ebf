using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.JetStream.Models;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;

namespace ServerlessLoki.Nats.Tests.Storage;

/// <summary>A state store with buckets of its own.</summary>
internal sealed class StoreUnderTest : IStoreUnderTest, IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _links = [];

    private StoreUnderTest(NatsOptions options)
    {
        Options = options;
        Link = Open();
        Payloads = new NatsPayloadStore(Link);
        Store = new NatsStateStore(Link, Payloads);
    }

    public NatsOptions Options { get; }

    public NatsLink Link { get; }

    public NatsPayloadStore Payloads { get; }

    public NatsStateStore Store { get; }

    IStateStore IStoreUnderTest.Store => Store;

    IPayloadStore IStoreUnderTest.Payloads => Payloads;

    public static async Task<StoreUnderTest> CreateAsync(NatsFixture nats) => Over(await nats.UrlAsync());

    public static StoreUnderTest Over(string url) => new(new NatsOptions { Url = url, Prefix = NatsFixture.UniquePrefix() });

    /// <summary>The same buckets seen by another process.</summary>
    public IStateStore Another()
    {
        var link = Open();
        return new NatsStateStore(link, new NatsPayloadStore(link));
    }

    /// <summary>Counts what a stream holds, marks of deleted values included.</summary>
    public async Task<long> MessagesAsync(string stream) =>
        (await Link.JetStream.GetStreamAsync(stream, new StreamInfoRequest(), TestContext.Current.CancellationToken)).Info.State.Messages;

    public Task<long> BucketAsync(string name) => MessagesAsync($"KV_{Options.Prefix}-{name}");

    public Task<long> ObjectsAsync(string name) => MessagesAsync($"OBJ_{Options.Prefix}-{name}");

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
            await link.DisposeAsync();
    }

    private NatsLink Open()
    {
        var link = new NatsLink(Options, "test", NullLoggerFactory.Instance);
        lock (_links)
            _links.Add(link);
        return link;
    }
}
