using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>The host's cores, where batches share them with the queries' own work, see <see cref="HostCores"/>.</summary>
internal sealed partial class Engine
{
    // Jobs: a batch is its worker's number; of the others the first to start is the first to end, since all are equally long.
    private const int ReadJob = -1;
    private const int AnswerJob = -2;
    private readonly CoreShare? _cores;
    private readonly double _beforeUs;
    private readonly double _afterUs;
    private readonly Queue<Arrival> _reading = new();
    private readonly Queue<(QueryRecord Query, bool IsMeasured)> _answers = new();

    /// <summary>True while something is on its way between client and queues, or computes, on the host's cores.</summary>
    private bool HostIsBusy => _cores is { Count: > 0 };

    private void StartJob(int job, double workUs)
    {
        _cores!.Start(job, workUs, _nowUs);
        WatchCores();
    }

    private void WatchCores()
    {
        if (_cores!.Count == 0)
            _heap.Remove(CoresActor);
        else
            _heap.Set(CoresActor, _cores.NextUs);
    }

    private void EndJob()
    {
        var job = _cores!.Take(_nowUs);
        WatchCores();
        switch (job)
        {
            case ReadJob:
                Enter(_reading.Dequeue());
                break;
            case AnswerJob:
                var (query, isMeasured) = _answers.Dequeue();
                Report(query with { EndUs = _nowUs }, isMeasured);
                break;
            default:
                var worker = _workers[job];
                _cycle.Slowdown.Observe(_nowUs - worker.StartedUs, worker.ExpectedUs);
                EndBatch(job);
                break;
        }
    }

    /// <summary>The answer's way to the client.</summary>
    private void Answer(in QueryRecord query, bool isMeasured)
    {
        if (_cores is null || _afterUs == 0)
        {
            Report(query, isMeasured);
            return;
        }

        _answers.Enqueue((query, isMeasured));
        StartJob(AnswerJob, _afterUs);
    }

    private void Report(in QueryRecord query, bool isMeasured)
    {
        _second.Ended(query.Outcome, query.LatencyUs, query.Accuracy);
        if (isMeasured)
            _tallies[query.Pipeline].Ended(query.Outcome, query.LatencyUs, query.Accuracy);
        _problem.OnQuery?.Invoke(in query);
    }

    /// <summary>The run ends before all have come through.</summary>
    private void GiveUpOnTheWay()
    {
        while (_answers.TryDequeue(out var answer))
            Report(answer.Query with { EndUs = _nowUs }, answer.IsMeasured);
        while (_reading.TryDequeue(out var arrival))
        {
            var query = new QueryRecord(_sequence++, arrival.Pipeline, arrival.AtUs, _nowUs, _nowUs, SimulatedOutcome.Unfinished, 0, 0, -1, 0);
            Report(query, arrival.AtUs >= _warmUpUs);
        }
    }
}
