using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace ServerlessLoki.Tests.Shared;

/// <summary>How many cases of a property are tried, and which: the same in each run, so that a failure is about the change under
/// test. <c>LOKI_SEED=N</c> draws others.</summary>
internal static class Properties
{
    /// <summary>Any odd number makes another sequence.</summary>
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private static readonly ulong s_seed = ulong.Parse(Environment.GetEnvironmentVariable("LOKI_SEED") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>Throws at the first case that fails, shrunk.</summary>
    public static Config Cases(int count = 100) => Config.QuickThrowOnFailure.WithMaxTest(count)
        .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(s_seed, Gamma), FSharpOption<int>.None)));
}
