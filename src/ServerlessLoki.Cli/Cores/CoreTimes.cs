using System.Runtime.InteropServices;

namespace ServerlessLoki.Cli.Cores;

/// <summary>Processor time of other processes on the machine.</summary>
/// <param name="OthersSeconds">Processor time of other processes since some fixed moment, seconds; only differences have a meaning.</param>
/// <param name="Processors">Number of processors of the machine.</param>
/// <param name="Cores">Number of processors that this process may use at a time.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CoreTimes(double OthersSeconds, int Processors, int Cores);
