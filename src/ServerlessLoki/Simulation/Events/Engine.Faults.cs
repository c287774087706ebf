using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Failures and recoveries of slots.</summary>
internal sealed partial class Engine
{
    private const int MaxAttempts = 2;
    private (long AtUs, Device Device, int Slot, bool Down)[] _faults = [];
    private int _nextFault;

    private void PrepareFaults()
    {
        var loadUs = (long)_options.ModelLoad.TotalMicroseconds;
        _faults = [.. _problem.Failures
            .SelectMany(f => new[]
            {
                (f.AtUs, Device: _devices[f.Device], f.Slot, Down: true),
                (AtUs: f.AtUs + f.DurationUs + loadUs, Device: _devices[f.Device], f.Slot, Down: false),
            })
            .OrderBy(f => f.AtUs)];
        if (_faults.Length > 0)
            _heap.Set(FaultActor, _faults[0].AtUs);
    }

    /// <summary>Returns the device types without slots that are down; plans do not use those.</summary>
    private ImmutableArray<DeviceType> UsableDevices() => _faults.Length == 0
        ? _cluster.Devices
        : [.. _cluster.Devices.Select((d, i) => d with { Slots = d.Slots - _devices[i].Slots.Count(s => s.IsDown) })];

    private void NextFault()
    {
        var (_, device, number, down) = _faults[_nextFault++];
        if (_nextFault < _faults.Length)
            _heap.Set(FaultActor, _faults[_nextFault].AtUs);
        var slot = device.Slots[number];
        slot.Failures += down ? 1 : -1;
        if (slot.IsDown && slot.Worker >= 0)
        {
            var w = slot.Worker;
            slot.Worker = -1;
            Lose(w);
        }
        else if (!slot.IsDown && slot.Worker < 0 && slot.Assigned is { } content)
        {
            slot.Worker = AddWorker(PoolOf(_stages[StageOf(content)], device), slot);
        }

        Relink();
        RunDevice(device);
        RunTouched();
    }

    /// <summary>Handles the loss of a worker: its rows are retried elsewhere once, and a second loss fails their query.</summary>
    private void Lose(int w)
    {
        var worker = _workers[w];
        var pool = worker.Pool;
        if (worker.IsBusy)
        {
            if (_cores is not null && pool.Device.IsShared)
            {
                _cores.Remove(w, _nowUs);
                WatchCores();
            }

            _heap.Remove(WorkerActor(w));
            worker.IsBusy = false;
            pool.Device.FreeThreads++;
            pool.Device.Busy.Add(_nowUs, -1);
        }
        else
        {
            UnlinkIdle(pool, w);
        }

        for (var r = worker.FirstRow; r >= 0;)
        {
            var next = _rows[r].Next;
            Retry(r);
            r = next;
        }

        worker.FirstRow = -1;
        RemoveWorker(w);
    }

    private void Retry(int r)
    {
        var q = _rows[r].Query;
        if (!IsKnownToHaveEnded(q) && ++_rows[r].Attempts < MaxAttempts)
        {
            Enqueue(r);
            return;
        }

        if (!_queries[q].HasEnded)
            End(q, SimulatedOutcome.Failed, _nowUs);
        Release(r);
    }
}
