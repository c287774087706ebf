using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Running;

/// <summary>Orchestrations on the real engine.</summary>
public sealed class DurableTests(TestCloud cloud)
{
    private const int Many = 50;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orchestrations_FiftyAtOnce_AllComplete()
    {
        var host = await cloud.HostAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, Many).Select(i => StartAsync(host, "Greet", $"guest {i:00}")));
        for (var i = 0; i < Many; i++)
            Assert.Equal($"Completed \"hello guest {i:00}/14\"", await EndAsync(host, ids[i]));
    }

    [Fact]
    public async Task Activity_Throws_OrchestrationFailsWithItsMessage()
    {
        var host = await cloud.HostAsync();
        var end = await EndAsync(host, await StartAsync(host, "Fail", "broken on purpose"));
        Assert.StartsWith("Failed ", end, StringComparison.Ordinal);
        Assert.Contains("Task 'Break' (#0) failed", end, StringComparison.Ordinal);
        Assert.EndsWith("broken on purpose", end, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orchestration_OfAnUnknownName_Fails()
    {
        var host = await cloud.HostAsync();
        Assert.Contains("'Nobody' doesn't exist", await EndAsync(host, await StartAsync(host, "Nobody", "x")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManagementAddress_IsServedWithTheMasterKeyOnly()
    {
        var host = await cloud.HostAsync();
        var id = await StartAsync(host, "Greet", "you");
        await EndAsync(host, id);
        var path = $"/runtime/webhooks/durabletask/instances/{id}";
        Assert.Equal(401, await host.StatusAsync(HttpMethod.Get, path, TestHost.FunctionKey));
        Assert.Contains("\"output\":\"hello you/9\"", await host.TextAsync($"{path}?code={TestHost.MasterKey}"), StringComparison.Ordinal);
        Assert.Equal(200, await host.StatusAsync(HttpMethod.Delete, path, TestHost.MasterKey));
        Assert.Equal(404, await host.StatusAsync(HttpMethod.Get, path, TestHost.MasterKey));
    }

    internal static async Task<string> StartAsync(TestHost host, string name, string input)
    {
        using var content = new StringContent(input);
        using var response = await host.Http.PostAsync(new Uri("/test/durable/" + name, UriKind.Relative), content, Stop);
        Assert.True(response.IsSuccessStatusCode, host.Log);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    internal static async Task<string> EndAsync(TestHost host, string id)
    {
        var state = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                state = await host.TextAsync("/test/durable/" + id);
                return state.StartsWith("Completed", StringComparison.Ordinal) || state.StartsWith("Failed", StringComparison.Ordinal);
            },
            () => $"orchestration {id} has ended, but is {state}; {host.Log}");
        return state;
    }
}
