using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded;

/// <summary>Check of the options: resolves relative paths from the app's content root, and refuses options with faults, all in one
/// error.</summary>
internal sealed class ServerlessLokiOptionsCheck(IHostEnvironment environment) : IPostConfigureOptions<ServerlessLokiOptions>, IValidateOptions<ServerlessLokiOptions>
{
    public void PostConfigure(string? name, ServerlessLokiOptions options)
    {
        options.PipelineFiles = [.. (options.PipelineFiles ?? []).Select(Rooted)];
        options.DataDirectory = Rooted(options.DataDirectory);
        options.ProfileFile = options.ProfileFile is { } file ? Rooted(file) : null;
    }

    public ValidateOptionsResult Validate(string? name, ServerlessLokiOptions options)
    {
        var check = new OptionCheck();
        check.Add(options.Faults());
        foreach (var file in options.PipelineFiles)
            check.Require(File.Exists(file), file, "a file that exists", nameof(options.PipelineFiles));
        if (options.ProfileFile is { } profile)
            check.Require(File.Exists(profile), profile, "a file that exists", nameof(options.ProfileFile));
        return check.Faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(new OptionsException("AddServerlessLoki", check.Faults).Message);
    }

    private string Rooted(string path) => string.IsNullOrWhiteSpace(path) ? path : Path.GetFullPath(path, environment.ContentRootPath);
}
