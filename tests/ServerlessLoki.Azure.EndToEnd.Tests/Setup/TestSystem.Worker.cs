using System.Collections.Immutable;
using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>The worker: its process, and whether it serves what is planned.</summary>
internal sealed partial class TestSystem
{
    /// <summary>Starts the worker, again after it was stopped or killed.</summary>
    public async Task StartWorkerAsync(CancellationToken cancellationToken)
    {
        _worker = AppProcess.Start("ServerlessLoki.Worker", Settings());
        _workerStatus = new Uri(new Uri(await _worker.SaysAsync("Now listening on:", cancellationToken)), "/status");
    }

    /// <summary>Starts a second worker, which is the system's from now on.</summary>
    /// <returns>The first, which is the caller's to end.</returns>
    public async Task<AppProcess> StartSuccessorAsync(CancellationToken cancellationToken)
    {
        var first = _worker!;
        try
        {
            await StartWorkerAsync(cancellationToken);
            return first;
        }
        catch
        {
            await first.DisposeAsync();
            throw;
        }
    }

    public Task KillWorkerAsync() => _worker!.KillAsync();

    /// <summary>Suspends the worker process: it keeps the messages that it holds until it is killed.</summary>
    public Task SuspendWorkerAsync(CancellationToken cancellationToken) => _worker!.SignalAsync("STOP", cancellationToken);

    /// <summary>Stops the worker as the platform does: it gives back what it holds.</summary>
    public async Task StopWorkerAsync(CancellationToken cancellationToken) => Assert.Equal(0, await _worker!.StopAsync(cancellationToken));

    /// <summary>What the worker runs, as it says itself.</summary>
    public async Task<(long Plan, ImmutableSortedSet<string> Variants)> WorkerServesAsync(CancellationToken cancellationToken)
    {
        return await WorkerAsync(cancellationToken) is not { } engine
            ? (0, [])
            : (engine.GetProperty("planVersion").GetInt64(), [.. engine.GetProperty("serving").EnumerateArray().Select(v => v.GetProperty("variant").GetString()!)]);
    }

    /// <summary>The variants of the published plan.</summary>
    public async Task<ImmutableSortedSet<string>> PlannedAsync(CancellationToken cancellationToken)
    {
        using var response = await Http.GetPathAsync("/plan");
        using var plan = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return [.. plan.RootElement.GetProperty("slots").EnumerateArray().Select(s => s.GetProperty("variant").GetString()!)];
    }

    /// <summary>True when the worker serves what the plan names.</summary>
    public async Task<bool> IsFollowedAsync(CancellationToken cancellationToken) =>
        (await WorkerServesAsync(cancellationToken)).Variants.SetEquals(await PlannedAsync(cancellationToken));

    /// <summary>True when the best variants are planned, as they are where there is little demand, and served.</summary>
    public async Task<bool> IsAtRestAsync(CancellationToken cancellationToken) =>
        (await PlannedAsync(cancellationToken)).All(v => v.EndsWith("-x", StringComparison.Ordinal)) && await IsFollowedAsync(cancellationToken);

    /// <summary>Under what name the worker holds its leases; null while it starts.</summary>
    public async Task<string?> WorkerNameAsync(CancellationToken cancellationToken) => (await WorkerAsync(cancellationToken))?.GetProperty("worker").GetString();

    /// <summary>What the worker's engine reports; null while there is none.</summary>
    private async Task<JsonElement?> WorkerAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var status = JsonDocument.Parse(await client.GetStringAsync(_workerStatus, cancellationToken));
        var engine = status.RootElement.GetProperty("engine");
        return engine.ValueKind == JsonValueKind.Null ? null : engine.Clone();
    }
}
