using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Functions.Tests;

/// <summary>When a worker ends because its host is gone.</summary>
public sealed class HostWatchTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IHostApplicationLifetime _lifetime = Substitute.For<IHostApplicationLifetime>();
    private readonly TaskCompletionSource _stopped = new();

    public HostWatchTests() => _lifetime.When(static l => l.StopApplication()).Do(_ => _stopped.TrySetResult());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_HostIsGone_StopsTheApplication()
    {
        using var host = Listener();
        using var watch = await StartAsync(AddressOf(host));
        await LookedAsync(host, times: 2);
        host.Stop();
        while (!_stopped.Task.IsCompleted)
            await StepAsync();
    }

    [Fact]
    public async Task Watch_HostTakesConnectionsButDoesNothing_DoesNotStop()
    {
        using var host = Listener();
        using var watch = await StartAsync(AddressOf(host));
        await LookedAsync(host, times: 2 * HostWatch.Refusals);
        Assert.False(_stopped.Task.IsCompleted);
    }

    [Fact]
    public async Task Watch_NoHostIsNamed_EndsAtOnce()
    {
        using var watch = await StartAsync(address: null);
        await watch.ExecuteTask!.WaitAsync(Stop);
        Assert.False(_stopped.Task.IsCompleted);
    }

    private static TcpListener Listener()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static string AddressOf(TcpListener listener) => $"http://{listener.LocalEndpoint}/";

    private async Task<HostWatch> StartAsync(string? address)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Functions:Worker:HostEndpoint", address)]).Build();
        var watch = new HostWatch(configuration, _lifetime, _time, NullLogger<HostWatch>.Instance);
        await watch.StartAsync(Stop);
        return watch;
    }

    private async Task LookedAsync(TcpListener host, int times)
    {
        for (var look = 0; look < times; look++)
        {
            var accepting = host.AcceptSocketAsync(Stop).AsTask();
            while (!accepting.IsCompleted)
                await StepAsync();
            (await accepting).Dispose();
        }
    }

    private async Task StepAsync()
    {
        _time.Advance(HostWatch.Interval);
        await Task.Delay(TimeSpan.FromMilliseconds(10), Stop);
    }
}
