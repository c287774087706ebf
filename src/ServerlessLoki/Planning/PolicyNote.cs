namespace ServerlessLoki.Planning;

/// <summary>What a person should know to choose a policy.</summary>
/// <param name="Name">As in <c>--policy NAME</c>.</param>
/// <param name="Summary">One line: what it decides and whose idea it is; no full stop.</param>
public sealed record PolicyNote(string Name, string Summary);
