using System.Diagnostics;
using System.Net;
using Azure.Messaging.ServiceBus;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Running;

/// <summary>Hosts and workers that end, each test with a host of its own.</summary>
public sealed class LifeTests(TestCloud cloud)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_Crashes_WhatItDidFailsAndAnotherGoesOn()
    {
        await cloud.HostAsync();
        await using var host = await TestHost.StartAsync(TestCloud.App, await cloud.SettingsAsync());
        var first = await host.TextAsync("/test/pid");
        var run = await DurableTests.StartAsync(host, "Linger", "2000");
        await host.HasSeenAsync("resting");
        var working = host.StatusAsync(HttpMethod.Get, "/test/work/60000");
        await host.HasSeenAsync("working");

        Assert.Equal(502, await host.StatusAsync(HttpMethod.Get, "/test/crash"));

        Assert.Equal(502, await working);
        Assert.NotEqual(first, await host.TextAsync("/test/pid"));
        Assert.Equal("Completed \"rested\"", await DurableTests.EndAsync(host, run));
        await host.HasSeenAsync("ticks");
    }

    [Fact]
    public async Task Worker_CrashesWithAMessageInHand_TheNextOneGetsIt()
    {
        await cloud.HostAsync();
        var settings = await cloud.SettingsAsync();
        var queue = settings["OrdersQueue"];
        await cloud.Queues().CreateQueueAsync(queue, Stop);
        await using var client = cloud.Client();
        await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("crash"), Stop);
        await using var host = await TestHost.StartAsync(TestCloud.App, settings);
        await host.SaysAsync("The worker is gone");
        await host.HasSeenAsync("crash-completed");
        Assert.Equal(1, await host.SeenAsync("crash-2"));
    }

    [Fact]
    public async Task Host_IsAskedToStop_EndsWhatRunsAndItsWorker()
    {
        var settings = await cloud.SettingsAsync();
        await using var host = await TestHost.StartAsync(TestCloud.App, settings);
        var worker = host.WorkerProcess();
        var working = host.Http.GetAsync(new Uri("/test/work/2000", UriKind.Relative), Stop);
        await host.HasSeenAsync("working");

        Assert.Equal(0, await host.StopAsync());

        using var response = await working;
        Assert.Equal((HttpStatusCode.OK, "worked"), (response.StatusCode, await response.Content.ReadAsStringAsync(Stop)));
        Assert.True(IsGone(worker));
    }

    [Fact]
    public async Task Host_OfTheProduct_AsksForItsLevelsAndWhenKilledItsWorkerEndsToo()
    {
        await cloud.HostAsync();
        await using var host = await TestHost.StartAsync("ServerlessLoki.Functions", await ProductSettingsAsync(), asksForKeys: true);
        Assert.Equal(200, await host.StatusAsync(HttpMethod.Get, "/v2/health/live"));
        Assert.Equal(200, await host.StatusAsync(HttpMethod.Head, "/v2/health/live"));
        Assert.Equal(401, await host.StatusAsync(HttpMethod.Get, "/v2"));
        Assert.Equal(200, await host.StatusAsync(HttpMethod.Get, "/v2", TestHost.FunctionKey));
        Assert.Equal(401, await host.StatusAsync(HttpMethod.Get, "/runs/any/management", TestHost.FunctionKey));
        Assert.Equal(200, await host.StatusAsync(HttpMethod.Get, "/runs/any/management", TestHost.MasterKey));
        var worker = host.WorkerProcess();

        await host.KillAsync();

        await Eventually.HoldsAsync(() => Task.FromResult(IsGone(worker)), () => $"worker {worker} has ended after its host was killed");
    }

    [Fact]
    public async Task Worker_NeverStarts_HostSaysWhyAndEnds()
    {
        // The product's app refuses to run without settings.
        var settings = (await ProductSettingsAsync()).Where(static s => !s.Key.StartsWith("Loki__", StringComparison.Ordinal)).ToDictionary();
        await using var host = TestHost.Launch("ServerlessLoki.Functions", settings);
        await host.SaysAsync("Loki__Fleet", Stop);
        await host.SaysAsync("The worker failed to start 3 times in a row", Stop);
        await Eventually.HoldsAsync(() => Task.FromResult(host.HasExited), () => "the host has ended");
    }

    [Fact]
    public async Task Timer_OfTwoHostsOnOneStorage_RunsOnOne()
    {
        var settings = await cloud.SettingsAsync();
        await using var first = await TestHost.StartAsync(TestCloud.App, settings);
        await first.HasSeenAsync("ticks");
        await using var second = await TestHost.StartAsync(TestCloud.App, settings);
        await second.SaysAsync("The lock of timer Tick is waited for: another host holds it");
        await first.HasSeenAsync("ticks", await first.SeenAsync("ticks") + 1);
        Assert.Equal(0, await second.SeenAsync("ticks"));

        Assert.Equal(0, await first.StopAsync());

        await second.HasSeenAsync("ticks");
    }

    private async Task<Dictionary<string, string>> ProductSettingsAsync()
    {
        var settings = await cloud.SettingsAsync();
        settings["AzureFunctionsJobHost__extensions__durableTask__storageProvider__type"] = "AzureStorage";
        settings["AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName"] = "AzureWebJobsStorage";
        settings["Loki__Fleet__0__Device"] = "cpu";
        settings["Loki__Fleet__0__MaxReplicas"] = "1";
        settings["Loki__Fleet__0__SlotsPerReplica"] = "1";
        return settings;
    }

    private static bool IsGone(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return found.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
