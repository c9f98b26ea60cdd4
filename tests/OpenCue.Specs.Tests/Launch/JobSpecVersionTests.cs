using OpenCue.Specs.Launch;

namespace OpenCue.Specs.Tests.Launch;

public sealed class JobSpecVersionTests
{
    [Theory]
    [InlineData("1.5")]
    [InlineData("1.6")]
    [InlineData("1.7")]
    [InlineData("1.8")]
    [InlineData("1.9")]
    [InlineData("1.10")]
    [InlineData("1.11")]
    [InlineData("1.12")]
    [InlineData("1.13")]
    [InlineData("1.14")]
    [InlineData("1.15")]
    public void Every_version_is_read_wherever_its_document_type_is_said_to_lie(string version)
    {
        Assert.Single(JobSpecReader.Read(WithDoctype($"spec PUBLIC \"SPI Cue  Specification Language\" \"http://localhost:8080/spcue/dtd/cjsl-{version}.dtd\"")).Jobs);
        Assert.Single(JobSpecReader.Read(WithDoctype($"spec PUBLIC \"SPI Cue Specification Language\" \"../dtd/cjsl-{version}.dtd\"")).Jobs);
        Assert.Single(JobSpecReader.Read(WithDoctype($"spec SYSTEM \"cjsl-{version}.dtd\"")).Jobs);
    }

    [Fact]
    public void A_document_type_that_says_nothing_is_as_good_as_none() => Assert.Single(JobSpecReader.Read(WithDoctype("spec")).Jobs);

    [Theory]
    [InlineData("spec SYSTEM \"http://localhost:8080/spcue/dtd/cjsl-2.0.dtd\"", "version '2.0' of the job specification is not known; known are 1.5 to 1.15 (element DOCTYPE, line 2, column 1)")]
    [InlineData("spec\n  SYSTEM 'cjsl-1.4.dtd'", "version '1.4' of the job specification is not known")]
    [InlineData("spec SYSTEM \"cjsl-.dtd\"", "version '' of the job specification is not known")]
    [InlineData("spec SYSTEM \"file:///etc/passwd\"", "the document type 'file:///etc/passwd' is not that of a job specification; it ends in cjsl-1.15.dtd")]
    [InlineData("spec SYSTEM \"http://localhost:8080/spcue/dtd/\"", "the document type 'http://localhost:8080/spcue/dtd/' is not that")]
    [InlineData("html", "the document type is 'html'; that of a job specification is spec")]
    public void Other_document_types_are_refused_by_name(string doctype, string message) =>
        Assert.StartsWith(message, SpecXml.Refusal(WithDoctype(doctype)), StringComparison.Ordinal);

    [Fact]
    public void The_root_element_must_be_spec() =>
        Assert.Equal("the root element is 'job'; a job specification begins with spec (element job, line 1, column 2)", SpecXml.Refusal("<job/>"));

    // A later version's elements are read under any earlier one, and what later versions made optional may be missing.
    [Fact]
    public void A_version_does_not_restrict_the_elements() =>
        Assert.Equal(2, JobSpecReader.Read(SpecXml.Whole.Replace("cjsl-1.15", "cjsl-1.5", StringComparison.Ordinal)).Depends.Count);

    private static string WithDoctype(string doctype) => $"<?xml version=\"1.0\"?>\n<!DOCTYPE {doctype}>\n{SpecXml.Job("")}";
}
