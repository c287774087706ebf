namespace ServerlessLoki.Planning.Modelling;

/// <content>Slots: levels and replicas of each variant, slots per device (C2, C7), what they cost, what a swap costs.</content>
internal sealed partial class PlanProgram
{
    private void AddCandidate(Candidate candidate)
    {
        var problem = _space.Problem;
        var levels = candidate.Levels.Length;
        var most = _space.Pipelines[candidate.Pipeline].MaxLoadQps(candidate) / problem.Options.Utilization;
        _level[candidate.Id] = new int[levels];
        _slots[candidate.Id] = new int[levels, problem.Devices.Length];
        _replicas[candidate.Id] = new int[problem.Devices.Length];
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            var useful = Useful(candidate, 0, d, most);
            for (var k = 1; k < levels; k++)
                useful = Math.Max(useful, Useful(candidate, k, d, most));
            _replicas[candidate.Id][d] = useful == 0
                ? -1
                : _builder.AddColumn(0, useful, candidate.SlotsEach * SlotPrice(d), isInteger: true, $"{candidate.Name} on {problem.Devices[d].Name}");
        }

        var sums = _replicas[candidate.Id].Select(n => n < 0 ? -1 : _builder.AddRow(0, 0, [(n, -1)])).ToArray();
        for (var k = 0; k < levels; k++)
        {
            _level[candidate.Id][k] = _builder.AddBinary(0, $"{candidate.Name} level <= {k}");
            for (var d = 0; d < problem.Devices.Length; d++)
            {
                var useful = Useful(candidate, k, d, most);
                _slots[candidate.Id][k, d] = -1;
                if (useful == 0)
                    continue;
                var slots = _slots[candidate.Id][k, d] = _builder.AddColumn(0, useful, 0);
                _builder.AddTerm(sums[d], slots, 1);
                var only = _builder.AddRow(double.NegativeInfinity, 0, [(slots, 1), (_level[candidate.Id][k], -useful)]);
                if (k > 0)
                    _builder.AddTerm(only, _level[candidate.Id][k - 1], useful);
            }
        }

        // Capacity calls for slots wherever there is load; a variant that runs without load needs one all the same.
        var running = _builder.AddRow(0, double.PositiveInfinity);
        for (var k = 0; k < levels; k++)
        {
            _builder.AddTerm(running, _level[candidate.Id][k], -candidate.Levels[k].LeastReplicas);
            if (k > 0)
                _builder.AddTerm(running, _level[candidate.Id][k - 1], candidate.Levels[k].LeastReplicas);
        }

        foreach (var replicas in _replicas[candidate.Id].Where(n => n >= 0))
            _builder.AddTerm(running, replicas, 1);
    }

    // More slots than carry all the variant could get are useless.
    private double Useful(Candidate candidate, int level, int device, double mostQps)
    {
        var qps = candidate.Levels[level].SlotQps[device];
        var needed = mostQps + (candidate.Levels[level].ReserveQps / _space.Problem.Options.Utilization);
        var room = _space.Problem.Devices[device].Slots / candidate.SlotsEach;
        return qps <= 0 || room == 0
            ? 0
            : Math.Max(1, Math.Min(room, Math.Max(candidate.Levels[level].LeastReplicas, Math.Ceiling((needed / qps) - 1e-9))));
    }

    // Where nothing has a price, slots are the cost.
    private double SlotPrice(int device) => _goal switch
    {
        Goal.FewestSlots => 1,
        Goal.LeastCost => Price(device),
        Goal.BestWorth => -_worth!.Cost * Price(device),
        _ => 0,
    };

    private double Price(int device) =>
        _space.Problem.Devices.Any(d => d.PricePerHour > 0) ? _space.Problem.Devices[device].PricePerHour : 1;

    private void AddCover(PipelineSpace pipeline)
    {
        foreach (var candidates in pipeline.Candidates)
        {
            var row = _builder.AddRow(1, double.PositiveInfinity);
            foreach (var candidate in candidates)
                _builder.AddTerm(row, _level[candidate.Id][^1], 1);
        }
    }

    private void AddDevices()
    {
        for (var d = 0; d < _space.Problem.Devices.Length; d++)
        {
            var row = _builder.AddRow(double.NegativeInfinity, _space.Problem.Devices[d].Slots, _space.Problem.Devices[d].Name);
            foreach (var candidate in _space.Candidates.Where(c => _replicas[c.Id][d] >= 0))
                _builder.AddTerm(row, _replicas[candidate.Id][d], candidate.SlotsEach);
        }
    }

    // Not needed for what the program says, only for how fast it is solved: how many slots a task gets decides the most.
    private void AddTaskSums()
    {
        foreach (var candidates in _space.Pipelines.SelectMany(p => p.Candidates).Where(c => c.Length > 1))
        {
            var columns = candidates.SelectMany(c => _replicas[c.Id]).Where(n => n >= 0).ToList();
            var sum = _builder.AddColumn(0, _space.Problem.Devices.Sum(d => d.Slots), 0, isInteger: true);
            var row = _builder.AddRow(0, 0, [(sum, -1)]);
            foreach (var column in columns)
                _builder.AddTerm(row, column, 1);
            _taskSums.Add((sum, columns));
        }
    }

    private void AddSwaps(Plan previous)
    {
        var penalty = _goal is Goal.FewestSlots or Goal.LeastCost ? _swapPenalty : -_swapPenalty;
        foreach (var candidate in _space.Candidates)
        {
            for (var d = 0; d < _space.Problem.Devices.Length; d++)
            {
                var had = previous.Slots.Where(s => s.Pipeline == candidate.Pipeline && s.Task == candidate.Task
                    && s.Variant == candidate.Variant && s.Device == d).Sum(s => s.Replicas);
                if (_replicas[candidate.Id][d] >= 0)
                {
                    var loads = _builder.AddColumn(0, double.PositiveInfinity, penalty + (_loadShare * candidate.SlotsEach * SlotPrice(d)));
                    _builder.AddRow(-had, double.PositiveInfinity, [(loads, 1), (_replicas[candidate.Id][d], -1)]);
                }
            }
        }
    }
}
