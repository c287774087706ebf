using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Durable runs over HTTP, on the real store and an engine that answers what the test says.</summary>
internal sealed class RunHost : IAsyncDisposable
{
    public const string Body = """{"id":"mine","inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","data":[1,2,3]}]}""";
    private readonly TempDirectory _directory = new();
    private readonly SqliteDatabase _database;
    private readonly ApiHost _api;

    private RunHost(ApiHost api)
    {
        _api = api;
        _database = SqliteDatabase.Open(_directory.Path);
        Store = new SqliteStateStore(_database);
        Payloads = new SqlitePayloadStore(_database);
    }

    public FakeEngine Engine => _api.Engine;

    /// <summary>Memory of requests; that of runs is another.</summary>
    public ByteBudget Requests => _api.Context.Budget;

    public SqliteDatabase Database => _database;

    public HttpClient Client => _api.Client;

    public SqliteStateStore Store { get; }

    public SqlitePayloadStore Payloads { get; }

    public RunService Runs => (RunService)_api.Context.Runs!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RunHost> StartAsync(ByteBudget? budget = null)
    {
        var host = new RunHost(await ApiHost.StartAsync());
        await host.StartRunsAsync(budget: budget);
        return host;
    }

    /// <summary>Starts runs as another process would, on the same store; those before it are to be disposed of.</summary>
    public async Task StartRunsAsync(IPayloadStore? payloads = null, TimeProvider? time = null, ByteBudget? budget = null)
    {
        var runs = new RunService(
            Engine, Store, Store, payloads ?? Payloads, Store, new InferLimits(),
            new RunOptions { Concurrency = 4, FirstBackOff = TimeSpan.FromMilliseconds(1), MaxBackOff = TimeSpan.FromMilliseconds(5) },
            time ?? TimeProvider.System, NullLoggerFactory.Instance, budget);
        await runs.StartAsync(Token);
        _api.Context.Runs = runs;
    }

    /// <summary>The id of a run that was accepted.</summary>
    public async Task<string> CreateAsync(string body = Body)
    {
        using var response = await Client.PostJsonAsync("/runs?pipeline=traffic", body);
        var json = await response.JsonAsync();
        Assert.Equal(202, (int)response.StatusCode);
        var id = json.GetProperty("id").GetString()!;
        Assert.Equal("/runs/" + id, response.Headers.Location!.OriginalString);
        return id;
    }

    public Task<HttpResponseMessage> DeleteAsync(string id) => Client.DeleteAsync(new Uri("/runs/" + id, UriKind.Relative), Token);

    /// <summary>The run, once it has ended.</summary>
    public async Task<RunRecord> EndedAsync(string id)
    {
        while (true)
        {
            var run = await Store.FindRunAsync(id, Token);
            if (run!.State != RunState.Accepted)
                return run;
            await Task.Delay(2, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Runs.DisposeAsync();
        await _api.DisposeAsync();
        _database.Dispose();
        _directory.Dispose();
    }
}
