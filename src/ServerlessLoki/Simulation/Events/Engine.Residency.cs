using System.Runtime.InteropServices;
using ServerlessLoki.Batching;
using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Slots that hold several variants: rows wait in the queue of one of them, and each batch says which one runs.</summary>
internal sealed partial class Engine
{
    /// <summary>A query asked for a least accuracy: batches must look at what their rows accept.</summary>
    private bool _asksAccuracy;

    private Residents? ResidentsOf(Pool pool, SlotGroup group, PlanningProblem problem)
    {
        if (group.Resident is not { } set)
            return null;
        var first = pool.Stage.Index - pool.Stage.Variant;
        var pools = set.Variants.Select(v => PoolOf(_stages[first + v], pool.Device)).ToArray();
        foreach (var held in pools)
        {
            held.Latency = problem.Expected(VariantName(held.Stage), pool.Device.Name) ?? held.Latency;
            held.SingleUs = held.Latency.LatencyUs(1);
        }

        return new Residents(pools, set.Choice([.. pools.Select(p => new ResidentVariant(p.Stage.Accuracy, p.Latency))]));
    }

    /// <summary>Chooses the variant and says how many rows it takes; never waits.</summary>
    private int ResidentRows(Pool pool, Residents residents, long latestFinishUs)
    {
        var stage = pool.Stage;
        var queue = stage.Queue;
        // What is given up at once must not choose for the rows behind it.
        var belowUs = pool.HasRoute && double.IsFinite(pool.Route.MinBelowUs) ? pool.Route.MinBelowUs : 0;
        if (Drops(stage) && EarlyDrop.IsHopeless(queue.HeadOrderUs, _nowUs, SingleUs(pool), belowUs))
        {
            pool.Runs = pool;
            return 1;
        }

        var (pair, rows) = ResidentBatch.Decide(residents.Choice, new WaitingRows(this, pool), latestFinishUs - _nowUs);
        pool.Runs = residents.Pools[pair.Variant];
        return rows;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct WaitingRows(Engine engine, Pool pool) : IWaitingRows
    {
        public int Count => pool.Stage.Queue.Count;

        public bool AsksAccuracy => engine._asksAccuracy;

        public double BestElsewhere
        {
            get
            {
                var best = 0.0;
                foreach (var other in pool.Stage.Pools)
                {
                    if (other != pool && other.Workers > 0)
                        best = Math.Max(best, other.Residents?.Choice.BestAccuracy ?? other.Stage.Accuracy);
                }

                return best;
            }
        }

        // What the tasks below take away must be had here.
        public double Needed(int row)
        {
            var (stage, below) = (pool.Stage, engine._table.BestAccuracyBelow(pool.Stage.Pipeline, pool.Stage.Task));
            var needed = engine.Needed(stage.Queue.Peek(row), stage);
            return below > 0 ? needed / below : needed;
        }
    }

    private bool Drops(Stage stage) => _options.Drop == DropRule.EveryTask || (_options.Drop == DropRule.LastTask && stage.Outgoing.Length == 0);

    /// <summary>Rows of a batch are from now on those of the variant that ran: it has their accuracy and their children.</summary>
    private void Relabel(int first, Stage queue, Stage ran)
    {
        for (var r = first; r >= 0; r = _rows[r].Next)
        {
            ref var row = ref _rows[r];
            row.Stage = ran.Index;
            row.Accuracy = row.Accuracy / queue.Accuracy * ran.Accuracy;
            if (ran.Task == 0)
                _queries[row.Query].RootVariant = ran.Variant;
        }
    }
}
