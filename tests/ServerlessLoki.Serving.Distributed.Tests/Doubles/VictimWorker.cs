using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.Doubles;

/// <summary>A worker that stops in the middle of its first batch, there to be killed.</summary>
internal sealed class VictimWorker : IDisposable
{
    private readonly RemoteSystem _system;
    private readonly ManualResetEventSlim _release = new();
    private WorkerEngine? _worker;
    private int _stuck;

    private VictimWorker(RemoteSystem system) => _system = system;

    /// <summary>Adds it to a system.</summary>
    /// <param name="system">Has a plan.</param>
    /// <param name="slots">Of the worker.</param>
    /// <param name="models">What it runs up to then.</param>
    /// <param name="task">The task in whose batch it stops; null = any.</param>
    public static async Task<VictimWorker> AddAsync(RemoteSystem system, int slots = 3, FakeModels? models = null, int? task = null)
    {
        var victim = new VictimWorker(system);
        models ??= new FakeModels();
        models.OnRun = (id, rows) =>
        {
            if (task is { } only && id.Task != only)
                return;
            Interlocked.Add(ref victim._stuck, rows);
            victim._release.Wait(RemoteSystem.Token);
        };
        victim._worker = await system.AddWorkerAsync(slots, models);
        return victim;
    }

    public Task StuckAsync() => RemoteSystem.UntilAsync(() => Volatile.Read(ref _stuck) > 0);

    /// <summary>Kills it, then lets its batch end: what a dead worker still does counts for nothing.</summary>
    public async Task DieAsync()
    {
        await _system.KillAsync(_worker!);
        _release.Set();
    }

    public void Dispose() => _release.Dispose();
}
