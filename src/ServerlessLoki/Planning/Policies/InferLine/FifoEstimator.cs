using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>
/// InferLine's Estimator (Estimator): replays a sample through first-in-first-out queues, one per stage, whose idle
/// replicas take what is there, up to their batch, and never wait to fill one. Exact and repeatable. One user at a time.
/// </summary>
/// <remarks>The product's simulator follows the host, which drops, reroutes and waits for company; the planner's guarantees are
/// stated for this model. Arrivals go before completions of the same moment. Devices shared by several slots run only as many
/// batches at once as they have whole devices' worth of slots.</remarks>
internal sealed class FifoEstimator
{
    /// <summary>Share of the queries that may miss the objective, 0..1.</summary>
    private const double MissShare = 0.01;
    private readonly PipelineStage[] _stages;
    private readonly int[][] _children;
    private readonly TrafficSample _sample;
    private readonly Func<int, int, int, int> _copies;
    private readonly int[] _slots;
    private readonly long _hopUs;
    private readonly Queue<int>[] _queues;
    private readonly int[] _idle;
    private readonly int[] _threads;
    private readonly Queue<int>[] _blocked;
    private readonly bool[] _isBlocked;
    private readonly PriorityQueue<int, (long AtUs, long Order)> _completions = new();
    private readonly List<Batch> _batches = [];
    private readonly Stack<int> _freeBatches = new();
    private readonly int[] _open;
    private readonly int[] _passed;
    private readonly long[] _latencyUs;
    private PipelineSetting _setting;
    private long _order;
    private int _ended;
    private int _missed;

    /// <param name="stages">Stages of the pipeline.</param>
    /// <param name="sample">Arrivals to replay.</param>
    /// <param name="slots">Slots of the cluster by device type.</param>
    /// <param name="hopUs">Time to reach a stage, the first included, microseconds.</param>
    /// <param name="copies">(query, stage, row of the parent) → rows that reach the stage; null = drawn from the stages' means,
    /// the same for every setting.</param>
    public FifoEstimator(
        IEnumerable<PipelineStage> stages, TrafficSample sample, IEnumerable<int> slots, long hopUs = 0, Func<int, int, int, int>? copies = null)
    {
        (_stages, _sample, _slots, _hopUs) = ([.. stages], sample, [.. slots], hopUs);
        _copies = copies ?? Drawn;
        _children = [.. _stages.Select((_, m) => Enumerable.Range(0, _stages.Length).Where(c => _stages[c].Parent == m).ToArray())];
        _queues = [.. _stages.Select(_ => new Queue<int>())];
        _idle = new int[_stages.Length];
        _threads = new int[_slots.Length];
        _blocked = [.. _slots.Select(_ => new Queue<int>())];
        _isBlocked = new bool[_stages.Length];
        _open = new int[sample.AtUs.Length];
        _passed = new int[sample.AtUs.Length * _stages.Length];
        _latencyUs = new long[sample.AtUs.Length];
        _setting = new PipelineSetting([]);
    }

    /// <summary>Number of simulations run.</summary>
    public int Runs { get; private set; }

    /// <summary>Estimates the P99 by nearest rank, microseconds: element ⌈0.99 n⌉ of the sorted latencies; 0 without queries; infinite as
    /// soon as more than 1 % took longer than the bound.</summary>
    public double P99Us(PipelineSetting setting, long boundUs)
    {
        Begin(setting);
        var allowed = (int)(MissShare * _sample.AtUs.Length);
        var next = 0;
        while (next < _sample.AtUs.Length || _completions.Count > 0)
        {
            if (next < _sample.AtUs.Length && (!_completions.TryPeek(out _, out var first) || _sample.AtUs[next] <= first.AtUs))
            {
                _open[next] = 1;
                Enter(0, next, _sample.AtUs[next]);
                next++;
            }
            else
            {
                _completions.TryDequeue(out var batch, out var at);
                Happen(batch, at.AtUs, boundUs);
                if (_missed > allowed)
                    return double.PositiveInfinity;
            }
        }

        if (_ended == 0)
            return 0;
        Array.Sort(_latencyUs, 0, _ended);
        return _latencyUs[(int)Math.Ceiling((1 - MissShare) * _ended) - 1];
    }

    private void Begin(PipelineSetting setting)
    {
        Runs++;
        _setting = setting;
        (_order, _ended, _missed) = (0, 0, 0);
        Array.Clear(_passed);
        _completions.Clear();
        _batches.Clear();
        _freeBatches.Clear();
        for (var m = 0; m < _stages.Length; m++)
        {
            _queues[m].Clear();
            _idle[m] = setting[m].Replicas;
            _isBlocked[m] = false;
        }

        for (var d = 0; d < _slots.Length; d++)
        {
            _blocked[d].Clear();
            _threads[d] = Threads(d);
        }
    }

    // A plan on the way down may still ask for more slots than there are: then as many devices are imagined.
    private int Threads(int device)
    {
        var (replicas, share) = (0, 1.0);
        for (var m = 0; m < _stages.Length; m++)
        {
            var hardware = _stages[m].Ladder[_setting[m].Hardware];
            if (hardware.Device == device)
                (replicas, share) = (replicas + _setting[m].Replicas, hardware.SlotShare);
        }

        return Math.Max(1, (int)Math.Round(share * Math.Max(replicas, _slots[device])));
    }

    private void Enter(int stage, int query, long nowUs)
    {
        _queues[stage].Enqueue(query);
        Dispatch(stage, nowUs);
    }

    private void Dispatch(int stage, long nowUs)
    {
        var setting = _setting[stage];
        var hardware = _stages[stage].Ladder[setting.Hardware];
        while (_idle[stage] > 0 && _queues[stage].Count > 0)
        {
            if (_threads[hardware.Device] == 0)
            {
                if (!_isBlocked[stage])
                    _blocked[hardware.Device].Enqueue(stage);
                _isBlocked[stage] = true;
                return;
            }

            var batch = Take(stage, Math.Min(setting.Batch, _queues[stage].Count));
            _idle[stage]--;
            _threads[hardware.Device]--;
            _completions.Enqueue(batch, (nowUs + hardware.BatchUs(_batches[batch].Count), _order++));
        }
    }

    private int Take(int stage, int count)
    {
        if (!_freeBatches.TryPop(out var id))
        {
            id = _batches.Count;
            _batches.Add(new Batch());
        }

        var batch = _batches[id];
        (batch.Stage, batch.IsOnTheWay) = (stage, false);
        batch.Rows.Clear();
        for (var i = 0; i < count; i++)
            batch.Rows.Add(_queues[stage].Dequeue());
        return id;
    }

    private void Happen(int id, long nowUs, long boundUs)
    {
        var batch = _batches[id];
        if (!batch.IsOnTheWay)
        {
            _idle[batch.Stage]++;
            var device = _stages[batch.Stage].Ladder[_setting[batch.Stage].Hardware].Device;
            _threads[device]++;
            Dispatch(batch.Stage, nowUs);
            while (_threads[device] > 0 && _blocked[device].TryDequeue(out var waiting))
            {
                _isBlocked[waiting] = false;
                Dispatch(waiting, nowUs);
            }

            if (_hopUs > 0 && _children[batch.Stage].Length > 0)
            {
                batch.IsOnTheWay = true;
                _completions.Enqueue(id, (nowUs + _hopUs, _order++));
                return;
            }
        }

        foreach (var query in batch.Rows)
            Pass(batch.Stage, query, nowUs, boundUs);
        _freeBatches.Push(id);
    }

    private void Pass(int stage, int query, long nowUs, long boundUs)
    {
        // The how-manieth row of its query here: the same rows have the same children in whatever order they come.
        var row = _passed[(query * _stages.Length) + stage]++;
        foreach (var child in _children[stage])
        {
            var copies = _copies(query, child, row);
            _open[query] += copies;
            for (var i = 0; i < copies; i++)
                Enter(child, query, nowUs);
        }

        if (--_open[query] > 0)
            return;
        var latencyUs = nowUs - _sample.AtUs[query] + _hopUs;
        _latencyUs[_ended++] = latencyUs;
        _missed += latencyUs > boundUs ? 1 : 0;
    }

    // ⌊m + u⌋ with u from the query, so that compared settings meet the same rows.
    private int Drawn(int query, int stage, int row)
    {
        var mixed = HashRandom.Mix(((ulong)query * HashRandom.Golden) ^ ((ulong)stage << 32) ^ (uint)row);
        return (int)(_stages[stage].CopiesPerParent + HashRandom.Unit(mixed));
    }

    private sealed class Batch
    {
        public List<int> Rows { get; } = [];

        public int Count => Rows.Count;

        public int Stage { get; set; }

        public bool IsOnTheWay { get; set; }
    }
}
