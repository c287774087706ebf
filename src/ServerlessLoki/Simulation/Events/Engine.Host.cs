using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Host cores that batches share with the queries' own work, see <see cref="HostCores"/>.</summary>
internal sealed partial class Engine
{
    // Jobs: a batch is its worker's number; of the others the first to start is the first to end, since all are equally long.
    private const int ReadJob = -1;
    private const int AnswerJob = -2;
    private readonly CoreShare? _cores;
    private readonly double _beforeUs;
    private readonly double _afterUs;
    private readonly Queue<(Arrival Arrival, ClientTicket Ticket)> _reading = new();
    private readonly Queue<(QueryRecord Query, bool IsMeasured, ClientTicket Ticket, long RetryAfterUs)> _answers = new();

    /// <summary>True while a request or answer is on its way on the host's cores, or a batch computes there.</summary>
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
                var (arrival, ticket) = _reading.Dequeue();
                Enter(arrival, ticket);
                break;
            case AnswerJob:
                var answer = _answers.Dequeue();
                Report(answer.Query with { EndUs = _nowUs }, answer.IsMeasured, answer.Ticket, answer.RetryAfterUs);
                break;
            default:
                var worker = _workers[job];
                _cycle.Slowdown.Observe(BatchTimes.Of(_nowUs - worker.StartedUs, worker.ExpectedUs));
                EndBatch(job);
                RunTouched();
                break;
        }
    }

    /// <summary>Sends the answer to the client.</summary>
    private void Answer(in QueryRecord query, bool isMeasured, ClientTicket ticket, long retryAfterUs = 0)
    {
        if (_cores is null || _afterUs == 0)
        {
            Report(query, isMeasured, ticket, retryAfterUs);
            return;
        }

        _answers.Enqueue((query, isMeasured, ticket, retryAfterUs));
        StartJob(AnswerJob, _afterUs);
    }

    private void Report(in QueryRecord query, bool isMeasured, ClientTicket ticket, long retryAfterUs = 0)
    {
        _second.Ended(query.Outcome, query.LatencyUs, query.Accuracy);
        if (isMeasured)
            _tallies[query.Pipeline].Ended(query.Outcome, query.LatencyUs, query.Accuracy);
        _problem.OnQuery?.Invoke(in query);
        if (ticket.Client >= 0)
            _clients!.Ended(ticket, query.Outcome == SimulatedOutcome.Rejected ? retryAfterUs : null, _nowUs);
    }

    /// <summary>Ends the requests that have not come through when the run ends.</summary>
    private void GiveUpOnTheWay()
    {
        while (_answers.TryDequeue(out var answer))
            Report(answer.Query with { EndUs = _nowUs }, answer.IsMeasured, answer.Ticket);
        while (_reading.TryDequeue(out var read))
        {
            var query = new QueryRecord(_sequence++, read.Arrival.Pipeline, read.Arrival.AtUs, _nowUs, _nowUs, SimulatedOutcome.Unfinished, 0, 0, -1, 0);
            Report(query, read.Arrival.AtUs >= _warmUpUs, read.Ticket);
        }
    }
}
