namespace ServerlessLoki.Integration.Tests;

/// <summary>Tests that measure the process they run in.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
