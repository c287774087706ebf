using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning;

/// <summary>Policy that options, command lines and scenario files can name, see <see cref="PolicyRegistry"/>.</summary>
/// <param name="Name">Name as in <c>--policy NAME</c>; equal to the policy's own <see cref="IPlanningPolicy.Name"/>.</param>
/// <param name="Summary">One line: what it decides and whose idea it is; no full stop.</param>
/// <param name="Make">Makes the policy. Its programs are solved by the first argument; the second measures time limits, null = only node limits hold.</param>
public sealed record PolicyEntry(string Name, string Summary, Func<ISolver, TimeProvider?, IPlanningPolicy> Make);
