using System.Runtime.InteropServices;

namespace ServerlessLoki.Cli.Cores;

/// <summary>What the machine's processors did for others than this process.</summary>
/// <param name="OthersSeconds">Processor time that other processes took since some fixed moment, seconds; only differences mean anything.</param>
/// <param name="Processors">Processors of the machine.</param>
/// <param name="Cores">Of these, as many as this process may use at a time.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CoreTimes(double OthersSeconds, int Processors, int Cores);
