"""Calls every implemented method of a cuebot as a foreign client does, and plays the agent of a render host besides.

    api_calls.py STUBS_DIR HOST:PORT

The farm must be new. Each line on stdout is the path of a method that was called and answered as it should; the exit status is 0 if all were.
"""

import os
import sys
import threading
import time
from concurrent import futures

import grpc

sys.path.insert(0, sys.argv[1])

# The path of the stubs has to be known before.
import cue_pb2  # noqa: E402
import cue_pb2_grpc  # noqa: E402
import depend_pb2  # noqa: E402
import depend_pb2_grpc  # noqa: E402
import facility_pb2  # noqa: E402
import facility_pb2_grpc  # noqa: E402
import host_pb2  # noqa: E402
import host_pb2_grpc  # noqa: E402
import job_pb2  # noqa: E402
import job_pb2_grpc  # noqa: E402
import limit_pb2  # noqa: E402
import limit_pb2_grpc  # noqa: E402
import report_pb2  # noqa: E402
import report_pb2_grpc  # noqa: E402
import rqd_pb2  # noqa: E402
import rqd_pb2_grpc  # noqa: E402
import service_pb2  # noqa: E402
import service_pb2_grpc  # noqa: E402
import show_pb2  # noqa: E402
import show_pb2_grpc  # noqa: E402
import subscription_pb2  # noqa: E402
import subscription_pb2_grpc  # noqa: E402
from opencue.v1 import admin_pb2  # noqa: E402
from opencue.v1 import admin_pb2_grpc  # noqa: E402
from opencue.v1 import explain_pb2  # noqa: E402
from opencue.v1 import explain_pb2_grpc  # noqa: E402
from opencue.v1 import limit_pb2 as limit_v1_pb2  # noqa: E402
from opencue.v1 import limit_pb2_grpc as limit_v1_pb2_grpc  # noqa: E402
from opencue.v1 import scheduling_pb2  # noqa: E402
from opencue.v1 import scheduling_pb2_grpc  # noqa: E402

PATIENCE = 60
GIB = 1048576

SPEC = """<?xml version="1.0"?>
<!DOCTYPE spec PUBLIC "SPI Cue Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">
<spec>
  <facility>local</facility><show>testing</show><shot>sh01</shot><user>artist</user><uid>12345</uid>
  <job name="{name}">
    <layers>
      <layer name="render" type="Render">
        <cmd>render #IFRAME#</cmd><range>1-4</range><chunk>1</chunk>
        <services><service>shell</service></services>
        <outputs><output name="main">/shots/out.####.exr</output></outputs>
      </layer>
      <layer name="encode" type="Util">
        <cmd>encode</cmd><range>1</range><chunk>1</chunk><services><service>shell</service></services>
      </layer>
    </layers>
  </job>
  <depends>
    <depend type="LAYER_ON_LAYER" anyframe="False">
      <depjob>{name}</depjob><deplayer>encode</deplayer><onjob>{name}</onjob><onlayer>render</onlayer>
    </depend>
  </depends>
</spec>"""


class Noted(grpc.UnaryUnaryClientInterceptor):
    """Notes which methods were called."""

    def __init__(self):
        self.methods = set()

    def intercept_unary_unary(self, continuation, client_call_details, request):
        self.methods.add(client_call_details.method)
        return continuation(client_call_details, request)


class Agent(rqd_pb2_grpc.RqdInterfaceServicer):
    """A render host of four cores: it takes frames, writes a line into their logs, and waits to be told that they have ended."""

    def __init__(self):
        self.launched = {}
        self.killed = {}
        self.locked = False
        self.changed = threading.Condition()
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        rqd_pb2_grpc.add_RqdInterfaceServicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def LaunchFrame(self, request, context):
        run = request.run_frame
        os.makedirs(run.log_dir, exist_ok=True)
        with open(f"{run.log_dir}/{run.job_name}.{run.frame_name}.rqlog", "w", encoding="utf-8") as log:
            log.write("frame says hello\n")
        with self.changed:
            self.launched[run.frame_id] = run
            self.changed.notify_all()
        return rqd_pb2.RqdStaticLaunchFrameResponse()

    def KillRunningFrame(self, request, context):
        with self.changed:
            self.killed[request.frame_id] = request.message
            self.changed.notify_all()
        return rqd_pb2.RqdStaticKillRunningFrameResponse()

    def LockAll(self, request, context):
        with self.changed:
            self.locked = True
            self.changed.notify_all()
        return rqd_pb2.RqdStaticLockAllResponse()

    def UnlockAll(self, request, context):
        with self.changed:
            self.locked = False
            self.changed.notify_all()
        return rqd_pb2.RqdStaticUnlockAllResponse()

    def wait(self, condition, what):
        with self.changed:
            if not self.changed.wait_for(condition, PATIENCE):
                raise AssertionError(f"after {PATIENCE} s the agent was not asked to {what}")

    def host(self):
        return report_pb2.RenderHost(
            name="pynode",
            facility="local",
            num_procs=2,
            cores_per_proc=200,
            total_mem=16 * GIB,
            free_mem=12 * GIB,
            total_swap=GIB,
            free_swap=GIB,
            total_mcp=100 * GIB,
            free_mcp=90 * GIB,
            load=50,
            boot_time=1700000000,
            tags=["general", "python"],
            attributes={"SP_OS": "Linux", "rqd_address": "127.0.0.1", "rqd_port": str(self.port)},
        )

    def frame(self, run):
        return report_pb2.RunningFrameInfo(
            resource_id=run.resource_id,
            job_id=run.job_id,
            job_name=run.job_name,
            frame_id=run.frame_id,
            frame_name=run.frame_name,
            layer_id=run.layer_id,
            num_cores=run.num_cores,
            start_time=run.start_time,
            rss=2000,
            max_rss=3000,
            llu_time=int(time.time()),
        )


def expect(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what} is {actual!r}, expected {expected!r}")


def fails(code, call):
    try:
        call()
    except grpc.RpcError as error:
        expect(error.code(), code, error.details())
        return error.details()
    raise AssertionError(f"a call that must fail with {code} succeeded")


class Tour:
    """All calls, in an order in which each finds something to do."""

    def __init__(self, address):
        self.noted = Noted()
        channel = grpc.intercept_channel(grpc.insecure_channel(address), self.noted)
        self.jobs = job_pb2_grpc.JobInterfaceStub(channel)
        self.layers = job_pb2_grpc.LayerInterfaceStub(channel)
        self.frames = job_pb2_grpc.FrameInterfaceStub(channel)
        self.groups = job_pb2_grpc.GroupInterfaceStub(channel)
        self.shows = show_pb2_grpc.ShowInterfaceStub(channel)
        self.hosts = host_pb2_grpc.HostInterfaceStub(channel)
        self.procs = host_pb2_grpc.ProcInterfaceStub(channel)
        self.allocations = facility_pb2_grpc.AllocationInterfaceStub(channel)
        self.facilities = facility_pb2_grpc.FacilityInterfaceStub(channel)
        self.subscriptions = subscription_pb2_grpc.SubscriptionInterfaceStub(channel)
        self.services = service_pb2_grpc.ServiceInterfaceStub(channel)
        self.depends = depend_pb2_grpc.DependInterfaceStub(channel)
        self.limits = limit_pb2_grpc.LimitInterfaceStub(channel)
        self.cue = cue_pb2_grpc.CueInterfaceStub(channel)
        self.limit_details = limit_v1_pb2_grpc.LimitInterfaceStub(channel)
        self.scheduling = scheduling_pb2_grpc.SchedulingInterfaceStub(channel)
        self.explanations = explain_pb2_grpc.ExplainInterfaceStub(channel)
        self.admin = admin_pb2_grpc.AdminInterfaceStub(channel)
        self.reports = report_pb2_grpc.RqdReportInterfaceStub(channel)
        self.agent = Agent()

    def run(self):
        self.look_around()
        self.limit()
        self.choose_policies()
        job, later = self.launch()
        self.look_at(job)
        self.depend(job, later)
        self.set(job, later)
        self.render(job)
        self.act_on_frames(later)
        self.look_after_the_farm(job)
        return sorted(self.noted.methods)

    def look_around(self):
        expect(self.cue.GetSystemStats(cue_pb2.CueGetSystemStatsRequest()).stats.manage_waiting, 0, "manage_waiting")
        show = self.shows.FindShow(show_pb2.ShowFindShowRequest(name="testing")).show
        expect((show.name, show.active, show.booking_enabled), ("testing", True, True), "show")
        fails(grpc.StatusCode.NOT_FOUND, lambda: self.shows.FindShow(show_pb2.ShowFindShowRequest(name="nobody")))
        new = self.shows.CreateShow(show_pb2.ShowCreateShowRequest(name="Py-Show")).show
        expect(new.name, "py_show", "name")
        names = [s.name for s in self.shows.GetShows(show_pb2.ShowGetShowsRequest()).shows.shows]
        expect(names, ["py_show", "testing"], "shows")
        expect(len(self.shows.GetActiveShows(show_pb2.ShowGetActiveShowsRequest()).shows.shows), 2, "active shows")
        root = self.shows.GetRootGroup(show_pb2.ShowGetRootGroupRequest(show=show)).group
        expect((root.name, root.level, root.parent_id), ("testing", 0, ""), "root group")
        expect(list(self.shows.GetGroups(show_pb2.ShowGetGroupsRequest(show=show)).groups.groups), [root], "groups")
        expect(self.groups.GetGroup(job_pb2.GroupGetGroupRequest(id=root.id)).group, root, "group")
        expect(self.groups.FindGroup(job_pb2.GroupFindGroupRequest(show="testing", name="testing")).group, root, "group")
        expect(len(self.groups.GetGroups(job_pb2.GroupGetGroupsRequest(group=root)).groups.groups), 0, "subgroups")
        self.root = root
        self.show = show

        self.reports.ReportRqdStartup(
            report_pb2.RqdReportRqdStartupRequest(boot_report=report_pb2.BootReport(host=self.agent.host())))
        host = self.until(lambda: self.hosts.GetHosts(host_pb2.HostGetHostsRequest()).hosts.hosts, "the host is listed")[0]
        expect((host.name, host.cores, host.idle_cores, host.os), ("pynode", 4.0, 4.0, "linux"), "host")
        expect((host.memory, host.total_memory, host.free_mcp), (16 * GIB - 524288, 16 * GIB, 90 * GIB), "memory")
        expect(list(host.tags), ["general", "python", "pynode"], "tags")
        expect(self.hosts.FindHost(host_pb2.HostFindHostRequest(name="pynode")).host.id, host.id, "host")
        expect(self.hosts.GetHost(host_pb2.HostGetHostRequest(id=host.id)).host.name, "pynode", "host")
        self.hosts.SetHardwareState(host_pb2.HostSetHardwareStateRequest(host=host, state=host_pb2.REPAIR))
        expect(self.hosts.GetHost(host_pb2.HostGetHostRequest(id=host.id)).host.state, host_pb2.REPAIR, "state")
        self.hosts.SetHardwareState(host_pb2.HostSetHardwareStateRequest(host=host, state=host_pb2.UP))
        self.hosts.Lock(host_pb2.HostLockRequest(host=host))
        expect(self.hosts.GetHost(host_pb2.HostGetHostRequest(id=host.id)).host.lock_state, host_pb2.LOCKED, "lock")
        self.agent.wait(lambda: self.agent.locked, "lock")
        self.host = host

        facility = self.facilities.Get(facility_pb2.FacilityGetRequest(name="local")).facility
        expect(facility.name, "local", "facility")
        of_facility = self.facilities.GetAllocations(facility_pb2.FacilityGetAllocationsRequest(facility=facility))
        expect(len(of_facility.allocations.allocations), 3, "allocations of the facility")
        everything = self.allocations.GetAll(facility_pb2.AllocGetAllRequest()).allocations.allocations
        expect(len(everything), 5, "allocations")
        general = self.allocations.Find(facility_pb2.AllocFindRequest(name="local.general")).allocation
        expect((general.tag, general.stats.cores, general.stats.hosts, general.stats.locked_hosts), ("general", 4.0, 1, 1), "stats")
        expect(self.allocations.Get(facility_pb2.AllocGetRequest(id=general.id)).allocation, general, "allocation")
        expect(self.allocations.GetDefault(facility_pb2.AllocGetDefaultRequest()).allocation, general, "default allocation")
        of_allocation = self.allocations.GetHosts(facility_pb2.AllocGetHostsRequest(allocation=general)).hosts.hosts
        expect([h.name for h in of_allocation], ["pynode"], "hosts")
        found = self.allocations.FindHosts(
            facility_pb2.AllocFindHostsRequest(allocation=general, r=host_pb2.HostSearchCriteria(substr=["node"])))
        expect([h.name for h in found.hosts.hosts], ["pynode"], "hosts")
        subscribed = self.allocations.GetSubscriptions(facility_pb2.AllocGetSubscriptionsRequest(allocation=general))
        subscription = subscribed.subscriptions.subscriptions[0]
        expect((subscription.name, subscription.size), ("local.general.testing", 100000), "subscription")
        expect(
            self.subscriptions.Get(subscription_pb2.SubscriptionGetRequest(id=subscription.id)).subscription,
            subscription,
            "subscription")
        expect(
            self.subscriptions.Find(subscription_pb2.SubscriptionFindRequest(name="local.general.testing")).subscription,
            subscription,
            "subscription")
        of_show = self.shows.GetSubscriptions(show_pb2.ShowGetSubscriptionRequest(show=show)).subscriptions.subscriptions
        expect(len(of_show), 3, "subscriptions")

        services = self.services.GetDefaultServices(service_pb2.ServiceGetDefaultServicesRequest()).services.services
        expect(len(services), 10, "services")
        shell = self.services.GetService(service_pb2.ServiceGetServiceRequest(name="shell")).service
        expect((shell.min_cores, shell.min_memory, list(shell.tags)), (100, 3355443, ["general", "util"]), "service")
        expect(len(self.limits.GetAll(limit_pb2.LimitGetAllRequest()).limits), 0, "limits")
        fails(grpc.StatusCode.NOT_FOUND, lambda: self.limits.Find(limit_pb2.LimitFindRequest(name="nuke")))
        fails(grpc.StatusCode.NOT_FOUND, lambda: self.limits.Get(limit_pb2.LimitGetRequest(id=show.id)))

    def limit(self):
        made = self.limits.Create(limit_pb2.LimitCreateRequest(name="nuke", max_value=5)).limit
        expect((made.name, made.max_value, made.current_running), ("nuke", 5, 0), "limit")
        fails(grpc.StatusCode.ALREADY_EXISTS, lambda: self.limits.Create(limit_pb2.LimitCreateRequest(name="nuke", max_value=5)))
        self.limits.SetMaxValue(limit_pb2.LimitSetMaxValueRequest(name="nuke", max_value=7))
        self.limits.Rename(limit_pb2.LimitRenameRequest(old_name="nuke", new_name="hiero"))
        expect(self.limits.Find(limit_pb2.LimitFindRequest(name="hiero")).limit.max_value, 7, "max_value")
        expect(self.limits.Get(limit_pb2.LimitGetRequest(id=made.id)).limit.name, "hiero", "name")
        self.limits.Delete(limit_pb2.LimitDeleteRequest(name="hiero"))

        kind = limit_v1_pb2.LIMIT_KIND_HOST
        create = limit_v1_pb2.CreateLimitRequest(name="katana", max_value=3, kind=kind, headroom=1, username="ann")
        made = self.limit_details.CreateLimit(create).limit
        expect((made.name, made.kind, made.max_value, made.headroom, made.tokens), ("katana", kind, 3, 1, 0), "limit")
        made = self.limit_details.UpdateLimit(limit_v1_pb2.UpdateLimitRequest(name="katana", headroom=0)).limit
        expect((made.kind, made.max_value, made.headroom), (kind, 3, 0), "limit")
        self.limit_details.RenameLimit(limit_v1_pb2.RenameLimitRequest(name="katana", new_name="mari"))
        expect([made.name for made in self.limit_details.GetLimits(limit_v1_pb2.GetLimitsRequest()).limits], ["mari"], "limits")
        expect(self.limits.Find(limit_pb2.LimitFindRequest(name="mari")).limit.max_value, 3, "max_value")
        found = self.limit_details.GetLimit(limit_v1_pb2.GetLimitRequest(name="mari")).limit
        expect((list(found.hosts), list(found.users)), ([], []), "holders")
        self.limit_details.DeleteLimit(limit_v1_pb2.DeleteLimitRequest(name="mari"))
        fails(grpc.StatusCode.NOT_FOUND, lambda: self.limit_details.GetLimit(limit_v1_pb2.GetLimitRequest(name="mari")))

    def choose_policies(self):
        policies = self.scheduling.GetPolicies(scheduling_pb2.GetPoliciesRequest())
        expect("PRIORITY_ONLY" in [policy.name for policy in policies.policies], True, "policies")
        expect(policies.default_policy, "PRIORITY_ONLY", "default_policy")
        chosen = self.scheduling.SetFacilityPolicy(scheduling_pb2.SetFacilityPolicyRequest(facility="local", policy="priority_only"))
        expect((chosen.facility.policy, chosen.facility.chosen), ("PRIORITY_ONLY", "PRIORITY_ONLY"), "policy")
        capped = self.scheduling.SetHostCap(scheduling_pb2.SetHostCapRequest(host="pynode", max_procs=3))
        expect((capped.host.host, capped.host.max_procs), ("pynode", 3), "cap")
        expect(list(self.scheduling.GetHostCaps(scheduling_pb2.GetHostCapsRequest()).hosts), [capped.host], "caps")
        self.scheduling.SetHostCap(scheduling_pb2.SetHostCapRequest(host=self.host.id, max_procs=0))

    def launch(self):
        launched = self.jobs.LaunchSpecAndWait(job_pb2.JobLaunchSpecAndWaitRequest(spec=SPEC.format(name="first")))
        job = launched.jobs.jobs[0]
        expect((job.name, job.state, job.uid), ("testing-sh01-artist_first", job_pb2.PENDING, 12345), "job")
        stats = job.job_stats
        expect((stats.total_frames, stats.waiting_frames, stats.depend_frames, stats.total_layers), (5, 4, 1, 2), "frames")
        names = self.jobs.LaunchSpec(job_pb2.JobLaunchSpecRequest(spec=SPEC.format(name="later"))).names
        expect(list(names), ["testing-sh01-artist_later"], "names")
        text = fails(
            grpc.StatusCode.INTERNAL,
            lambda: self.jobs.LaunchSpecAndWait(job_pb2.JobLaunchSpecAndWaitRequest(spec="<spec>")))
        expect(text.startswith("Failed to launch and add job: "), True, text)
        later = self.jobs.FindJob(job_pb2.JobFindJobRequest(name=names[0])).job
        return job, later

    def look_at(self, job):
        expect(self.jobs.GetJob(job_pb2.JobGetJobRequest(id=job.id)).job, job, "job")
        expect(self.jobs.GetCurrent(job_pb2.JobGetCurrentRequest(job=job)).job, job, "job")
        found = self.jobs.GetJobs(job_pb2.JobGetJobsRequest(r=job_pb2.JobSearchCriteria(regex=["first$"]))).jobs.jobs
        expect(list(found), [job], "jobs")
        expect(len(self.jobs.GetJobNames(job_pb2.JobGetJobNamesRequest()).names), 2, "names")
        expect(self.jobs.IsJobPending(job_pb2.JobIsJobPendingRequest(name=job.name)).value, True, "pending")
        expect(len(self.shows.GetJobs(show_pb2.ShowGetJobsRequest(show=self.show)).jobs.jobs), 2, "jobs of the show")
        expect(len(self.groups.GetJobs(job_pb2.GroupGetJobsRequest(group=self.root)).jobs.jobs), 2, "jobs of the group")

        layers = self.jobs.GetLayers(job_pb2.JobGetLayersRequest(job=job)).layers.layers
        expect([(layer.name, layer.type) for layer in layers], [("render", job_pb2.RENDER), ("encode", job_pb2.UTIL)], "layers")
        render = layers[0]
        expect((render.range, render.chunk_size, render.command, render.parent_id), ("1-4", 1, "render #IFRAME#", job.id), "layer")
        expect((render.min_cores, render.min_memory, list(render.services)), (1.0, 3355443, ["shell"]), "layer")
        expect(self.layers.GetLayer(job_pb2.LayerGetLayerRequest(id=render.id)).layer, render, "layer")
        expect(self.layers.FindLayer(job_pb2.LayerFindLayerRequest(job=job.name, layer="render")).layer, render, "layer")
        expect(len(self.layers.GetLimits(job_pb2.LayerGetLimitsRequest(layer=render)).limits), 0, "limits")
        outputs = self.layers.GetOutputPaths(job_pb2.LayerGetOutputPathsRequest(layer=render)).output_paths
        expect(list(outputs), ["/shots/out.####.exr"], "outputs")

        frames = self.jobs.GetFrames(
            job_pb2.JobGetFramesRequest(job=job, req=job_pb2.FrameSearchCriteria(page=1, limit=500))).frames.frames
        expect([f.name for f in frames], ["0001-render", "0001-encode", "0002-render", "0003-render", "0004-render"], "frames")
        expect((frames[0].state, frames[0].exit_status, frames[1].state), (job_pb2.WAITING, -1, job_pb2.DEPEND), "states")
        of_layer = self.layers.GetFrames(job_pb2.LayerGetFramesRequest(layer=render, s=job_pb2.FrameSearchCriteria(frame_range="2-3")))
        expect([f.number for f in of_layer.frames.frames], [2, 3], "frames")
        by_name = self.frames.GetFrames(
            job_pb2.FrameGetFramesRequest(job=job.name, r=job_pb2.FrameSearchCriteria(layers=["encode"]))).frames.frames
        expect([f.id for f in by_name], [frames[1].id], "frames")
        expect(self.frames.GetFrame(job_pb2.FrameGetFrameRequest(id=frames[0].id)).frame, frames[0], "frame")
        expect(
            self.frames.FindFrame(job_pb2.FrameFindFrameRequest(job=job.name, layer="render", frame=1)).frame, frames[0], "frame")
        updated = self.jobs.GetUpdatedFrames(job_pb2.JobGetUpdatedFramesRequest(job=job, last_check=int(time.time()) - 30))
        expect(len(updated.updated_frames.updated_frames), 5, "updated frames")
        fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            lambda: self.jobs.GetUpdatedFrames(job_pb2.JobGetUpdatedFramesRequest(job=job, last_check=1)))
        self.explain(job, render, frames[1])

    def explain(self, job, render, encode):
        of_job = self.explanations.ExplainJob(explain_pb2.ExplainJobRequest(job=job.name))
        expect((of_job.job, sum(group.frames for group in of_job.groups)), (job.name, 5), "explained job")
        of_layer = self.explanations.ExplainLayer(explain_pb2.ExplainLayerRequest(layer_id=render.id))
        expect((of_layer.layer, sum(group.frames for group in of_layer.groups)), ("render", 4), "explained layer")
        of_frame = self.explanations.ExplainFrame(explain_pb2.ExplainFrameRequest(frame_id=encode.id))
        expect((of_frame.frame, of_frame.reasons[0].code), (encode.name, explain_pb2.REASON_CODE_DEPENDS), "explained frame")
        of_show = self.explanations.ExplainShow(explain_pb2.ExplainShowRequest(show="testing"))
        expect((of_show.show, len(of_show.shares) > 0), ("testing", True), "explained show")
        expect(self.explanations.ExplainHost(explain_pb2.ExplainHostRequest(host="pynode")).host, "pynode", "explained host")
        fails(grpc.StatusCode.NOT_FOUND, lambda: self.explanations.ExplainHost(explain_pb2.ExplainHostRequest(host="nobody")))

    def depend(self, job, later):
        own = self.jobs.GetDepends(job_pb2.JobGetDependsRequest(job=job)).depends.depends
        expect([(d.type, d.active, d.depend_er_layer, d.depend_on_layer) for d in own],
               [(depend_pb2.LAYER_ON_LAYER, True, "encode", "render")], "depends")
        expect(self.depends.GetDepend(depend_pb2.DependGetDependRequest(id=own[0].id)).depend, own[0], "depend")
        on_job = self.jobs.CreateDependencyOnJob(job_pb2.JobCreateDependencyOnJobRequest(job=later, on_job=job)).depend
        expect((on_job.type, on_job.target), (depend_pb2.JOB_ON_JOB, depend_pb2.EXTERNAL), "depend")
        waits_on = self.jobs.GetWhatThisDependsOn(job_pb2.JobGetWhatThisDependsOnRequest(job=later)).depends.depends
        expect(list(waits_on), [on_job], "depends")
        waited_for = self.jobs.GetWhatDependsOnThis(job_pb2.JobGetWhatDependsOnThisRequest(job=job)).depends.depends
        expect(len(waited_for), 2, "depends")
        self.depends.Satisfy(depend_pb2.DependSatisfyRequest(depend=on_job))
        expect(self.depends.GetDepend(depend_pb2.DependGetDependRequest(id=on_job.id)).depend.active, False, "active")
        fails(grpc.StatusCode.FAILED_PRECONDITION, lambda: self.depends.Unsatisfy(depend_pb2.DependUnsatisfyRequest(depend=on_job)))

        layers = self.jobs.GetLayers(job_pb2.JobGetLayersRequest(job=job)).layers.layers
        mine = self.jobs.GetLayers(job_pb2.JobGetLayersRequest(job=later)).layers.layers
        frames = self.jobs.GetFrames(job_pb2.JobGetFramesRequest(job=job)).frames.frames
        my_frames = self.jobs.GetFrames(job_pb2.JobGetFramesRequest(job=later)).frames.frames
        expect(len(self.layers.GetWhatDependsOnThis(job_pb2.LayerGetWhatDependsOnThisRequest(layer=layers[0])).depends.depends), 1)
        expect(len(self.layers.GetWhatThisDependsOn(job_pb2.LayerGetWhatThisDependsOnRequest(layer=layers[1])).depends.depends), 1)
        expect(len(self.frames.GetWhatThisDependsOn(job_pb2.FrameGetWhatThisDependsOnRequest(frame=frames[1])).depends.depends), 1)
        expect(len(self.frames.GetWhatDependsOnThis(job_pb2.FrameGetWhatDependsOnThisRequest(frame=frames[0])).depends.depends), 0)
        made = [
            self.jobs.CreateDependencyOnLayer(job_pb2.JobCreateDependencyOnLayerRequest(job=later, layer=layers[0])),
            self.jobs.CreateDependencyOnFrame(job_pb2.JobCreateDependencyOnFrameRequest(job=later, frame=frames[0])),
            self.layers.CreateDependencyOnJob(job_pb2.LayerCreateDependOnJobRequest(layer=mine[0], job=job)),
            self.layers.CreateDependencyOnLayer(
                job_pb2.LayerCreateDependOnLayerRequest(layer=mine[0], depend_on_layer=layers[0])),
            self.layers.CreateDependencyOnFrame(job_pb2.LayerCreateDependOnFrameRequest(layer=mine[0], frame=frames[0])),
            self.layers.CreateFrameByFrameDependency(
                job_pb2.LayerCreateFrameByFrameDependRequest(layer=mine[0], depend_layer=layers[0])),
            self.frames.CreateDependencyOnJob(job_pb2.FrameCreateDependencyOnJobRequest(frame=my_frames[0], job=job)),
            self.frames.CreateDependencyOnLayer(
                job_pb2.FrameCreateDependencyOnLayerRequest(frame=my_frames[0], layer=layers[0])),
            self.frames.CreateDependencyOnFrame(
                job_pb2.FrameCreateDependencyOnFrameRequest(frame=my_frames[0], depend_on_frame=frames[0])),
        ]
        expect([m.depend.type for m in made], [1, 2, 3, 4, 5, 9, 6, 7, 8], "types of depends")
        self.frames.DropDepends(job_pb2.FrameDropDependsRequest(frame=my_frames[0], target=depend_pb2.ANY_TARGET))
        self.layers.DropDepends(job_pb2.LayerDropDependsRequest(layer=mine[0], target=depend_pb2.EXTERNAL))
        self.jobs.DropDepends(job_pb2.JobDropDependsRequest(job=later, target=depend_pb2.ANY_TARGET))
        left = [d for d in self.jobs.GetDepends(job_pb2.JobGetDependsRequest(job=later)).depends.depends if d.active]
        expect(left, [], "active depends")
        expect(self.jobs.GetJob(job_pb2.JobGetJobRequest(id=later.id)).job.job_stats.waiting_frames, 5, "waiting frames")

    def set(self, job, later):
        self.jobs.Pause(job_pb2.JobPauseRequest(job=later))
        self.jobs.SetPriority(job_pb2.JobSetPriorityRequest(job=job, val=42))
        self.jobs.SetMinCores(job_pb2.JobSetMinCoresRequest(job=job, val=2))
        self.jobs.SetMaxCores(job_pb2.JobSetMaxCoresRequest(job=job, val=100))
        self.jobs.SetMinGpus(job_pb2.JobSetMinGpusRequest(job=job, val=0))
        self.jobs.SetMaxGpus(job_pb2.JobSetMaxGpusRequest(job=job, val=8))
        self.jobs.SetMaxRetries(job_pb2.JobSetMaxRetriesRequest(job=job, max_retries=3))
        self.jobs.SetAutoEat(job_pb2.JobSetAutoEatRequest(job=later, value=True))
        self.jobs.SetGroup(job_pb2.JobSetGroupRequest(job=job, group_id=self.root.id))
        self.jobs.AddSubscriber(job_pb2.JobAddSubscriberRequest(job=job, subscriber="ann@example.com"))
        self.jobs.ShutdownIfCompleted(job_pb2.JobShutdownIfCompletedRequest(job=job))
        fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: self.jobs.SetMaxCores(job_pb2.JobSetMaxCoresRequest(job=job, val=float("nan"))))
        changed = self.jobs.GetJob(job_pb2.JobGetJobRequest(id=job.id)).job
        expect((changed.priority, changed.min_cores, changed.max_cores, changed.max_gpus), (42, 2.0, 100.0, 8.0), "job")
        paused = self.jobs.GetJob(job_pb2.JobGetJobRequest(id=later.id)).job
        expect((paused.is_paused, paused.auto_eat), (True, True), "job")

        layer = self.jobs.GetLayers(job_pb2.JobGetLayersRequest(job=later)).layers.layers[0]
        self.layers.SetTags(job_pb2.LayerSetTagsRequest(layer=layer, tags=["general", "gpu"]))
        self.layers.SetMinCores(job_pb2.LayerSetMinCoresRequest(layer=layer, cores=1.5))
        self.layers.SetMaxCores(job_pb2.LayerSetMaxCoresRequest(layer=layer, cores=4))
        self.layers.SetThreadable(job_pb2.LayerSetThreadableRequest(layer=layer, threadable=True))
        self.layers.SetMinMemory(job_pb2.LayerSetMinMemoryRequest(layer=layer, memory=GIB))
        self.layers.EnableMemoryOptimizer(job_pb2.LayerEnableMemoryOptimizerRequest(layer=layer, value=False))
        self.layers.SetMinGpus(job_pb2.LayerSetMinGpusRequest(layer=layer, min_gpus=1))
        self.layers.SetMaxGpus(job_pb2.LayerSetMaxGpusRequest(layer=layer, max_gpus=2))
        self.layers.SetMinGpuMemory(job_pb2.LayerSetMinGpuMemoryRequest(layer=layer, gpu_memory=1024))
        self.layers.SetDispatchOrder(job_pb2.LayerSetDispatchOrderRequest(layer=layer, order=1))
        self.layers.SetTimeout(job_pb2.LayerSetTimeoutRequest(layer=layer, timeout=60))
        self.layers.SetTimeoutLLU(job_pb2.LayerSetTimeoutLLURequest(layer=layer, timeout_llu=30))
        self.layers.SetStartAfter(job_pb2.LayerSetStartAfterRequest(layer=layer, start_after=int(time.time()) + 60, username="ann"))
        self.layers.RegisterOutputPath(job_pb2.LayerRegisterOutputPathRequest(layer=layer, spec="/shots/more.exr"))
        fails(grpc.StatusCode.NOT_FOUND, lambda: self.layers.AddLimit(job_pb2.LayerAddLimitRequest(layer=layer, limit_id=job.id)))
        self.layers.DropLimit(job_pb2.LayerDropLimitRequest(layer=layer, limit_id=job.id))
        seen = self.layers.GetLayer(job_pb2.LayerGetLayerRequest(id=layer.id)).layer
        expect((seen.min_cores, seen.max_cores, seen.min_memory, seen.min_gpus, seen.timeout), (1.5, 4.0, GIB, 1.0, 60), "layer")
        expect(seen.start_after_reason, "Set by ann", "reason")

    def render(self, job):
        self.hosts.Unlock(host_pb2.HostUnlockRequest(host=self.host))
        self.agent.wait(lambda: not self.agent.locked, "unlock")
        frame = self.frames.FindFrame(job_pb2.FrameFindFrameRequest(job=job.name, layer="render", frame=1)).frame
        self.agent.wait(lambda: frame.id in self.agent.launched, "launch a frame")
        run = self.agent.launched[frame.id]
        expect((run.command, run.user_name, run.uid, run.job_name), ("render 1", "artist", 12345, job.name), "launch")
        running = self.state_of(frame, job_pb2.RUNNING)
        expect(running.last_resource.startswith("pynode/"), True, running.last_resource)

        self.reports.ReportStatus(report_pb2.RqdReportStatusRequest(host_report=report_pb2.HostReport(
            host=self.agent.host(), frames=[self.agent.frame(r) for r in self.agent.launched.values()])))
        self.until(
            lambda: self.frames.GetFrame(job_pb2.FrameGetFrameRequest(id=frame.id)).frame.max_rss == 3000,
            "the frame shows what its host reported")
        procs = self.procs.GetProcs(host_pb2.ProcGetProcsRequest(r=host_pb2.ProcSearchCriteria(jobs=[job.name]))).procs.procs
        proc = [p for p in procs if p.frame_name == frame.name][0]
        expect((proc.job_name, proc.show_name, proc.used_memory, proc.unbooked), (job.name, "testing", 2000, False), "proc")
        expect(len(self.hosts.GetProcs(host_pb2.HostGetProcsRequest(host=self.host)).procs.procs), len(procs), "procs of the host")
        expect(self.procs.GetFrame(host_pb2.ProcGetFrameRequest(proc=proc)).frame.id, frame.id, "frame")
        expect(self.procs.GetLayer(host_pb2.ProcGetLayerRequest(proc=proc)).layer.name, "render", "layer")
        expect(self.procs.GetJob(host_pb2.ProcGetJobRequest(proc=proc)).job.id, job.id, "job")
        expect(self.procs.GetHost(host_pb2.ProcGetHostRequest(proc=proc)).host.name, "pynode", "host")
        log = self.admin.ReadFrameLog(admin_pb2.ReadFrameLogRequest(frame_id=frame.id, offset=-6))
        expect((log.data, log.is_running), (b"hello\n", True), "log")

        # A proc that is unbooked goes back when its frame has ended; the frame succeeds all the same.
        self.procs.Unbook(host_pb2.ProcUnbookRequest(proc=proc))
        self.complete(run, 0)
        done = self.state_of(frame, job_pb2.SUCCEEDED)
        expect((done.exit_status, done.max_rss), (0, 3000), "frame")

        second = self.frames.FindFrame(job_pb2.FrameFindFrameRequest(job=job.name, layer="render", frame=2)).frame
        self.agent.wait(lambda: second.id in self.agent.launched, "launch the second frame")
        proc = [p for p in self.procs.GetProcs(host_pb2.ProcGetProcsRequest()).procs.procs if p.frame_name == second.name][0]
        self.procs.Kill(host_pb2.ProcKillRequest(proc=proc))
        self.agent.wait(lambda: second.id in self.agent.killed, "kill the second frame")
        third = self.frames.FindFrame(job_pb2.FrameFindFrameRequest(job=job.name, layer="render", frame=3)).frame
        self.agent.wait(lambda: third.id in self.agent.launched, "launch the third frame")
        self.frames.Kill(job_pb2.FrameKillRequest(frame=third, username="ann", pid="7", host_kill="ws1", reason="wrong camera"))
        self.agent.wait(lambda: third.id in self.agent.killed, "kill the third frame")
        expect("wrong camera" in self.agent.killed[third.id], True, self.agent.killed[third.id])

        # While it dies it is still running; the report of its end decides.
        self.jobs.Pause(job_pb2.JobPauseRequest(job=job))
        self.complete(self.agent.launched[third.id], 1, signal=15)
        self.until(
            lambda: self.frames.GetFrame(job_pb2.FrameGetFrameRequest(id=third.id)).frame.state != job_pb2.RUNNING, "the frame has ended")

    def act_on_frames(self, job):
        frames = self.jobs.GetFrames(job_pb2.JobGetFramesRequest(job=job)).frames.frames
        layers = self.jobs.GetLayers(job_pb2.JobGetLayersRequest(job=job)).layers.layers
        render = frames[0]
        self.frames.Eat(job_pb2.FrameEatRequest(frame=render))
        expect(self.state_of(render, job_pb2.EATEN).name, render.name)
        self.frames.Retry(job_pb2.FrameRetryRequest(frame=render))
        self.state_of(render, job_pb2.WAITING)
        self.jobs.EatFrames(job_pb2.JobEatFramesRequest(job=job, req=job_pb2.FrameSearchCriteria(layers=["render"])))
        self.state_of(render, job_pb2.EATEN)
        self.jobs.RetryFrames(job_pb2.JobRetryFramesRequest(job=job, req=job_pb2.FrameSearchCriteria(layers=["render"])))
        self.state_of(render, job_pb2.WAITING)
        self.layers.EatFrames(job_pb2.LayerEatFramesRequest(layer=layers[0]))
        self.state_of(render, job_pb2.EATEN)
        self.layers.RetryFrames(job_pb2.LayerRetryFramesRequest(layer=layers[0]))
        self.state_of(render, job_pb2.WAITING)
        self.jobs.KillFrames(job_pb2.JobKillFramesRequest(job=job, reason="nothing runs"))
        self.layers.KillFrames(job_pb2.LayerKillFramesRequest(layer=layers[0], reason="nothing runs"))
        self.jobs.ReorderFrames(job_pb2.JobReorderFramesRequest(job=job, range="3-4", order=job_pb2.FIRST))
        first = self.jobs.GetFrames(job_pb2.JobGetFramesRequest(job=job)).frames.frames[0]
        expect(first.name, "0003-render", "first frame")
        self.layers.ReorderFrames(job_pb2.LayerReorderFramesRequest(layer=layers[0], range="1-4", order=job_pb2.REVERSE))
        self.jobs.StaggerFrames(job_pb2.JobStaggerFramesRequest(job=job, range="1-4", stagger=2))
        self.layers.StaggerFrames(job_pb2.LayerStaggerFramesRequest(layer=layers[0], range="1-4", stagger=2))
        self.frames.SetCheckpointState(job_pb2.FrameSetCheckpointStateRequest(frame=render, state=job_pb2.ENABLED))
        expect(
            self.frames.GetFrame(job_pb2.FrameGetFrameRequest(id=render.id)).frame.checkpoint_state, job_pb2.ENABLED, "checkpoint")

        on_layer = self.layers.CreateDependencyOnLayer(
            job_pb2.LayerCreateDependOnLayerRequest(layer=layers[1], depend_on_layer=layers[0])).depend
        encode = [f for f in frames if f.layer_name == "encode"][0]
        self.state_of(encode, job_pb2.DEPEND)
        self.frames.MarkAsWaiting(job_pb2.FrameMarkAsWaitingRequest(frame=encode))
        self.state_of(encode, job_pb2.WAITING)
        self.frames.MarkAsDepend(job_pb2.FrameMarkAsDependRequest(frame=encode))
        self.state_of(encode, job_pb2.DEPEND)
        self.jobs.MarkAsWaiting(job_pb2.JobMarkAsWaitingRequest(job=job))
        self.state_of(encode, job_pb2.WAITING)
        self.layers.MarkdoneFrames(job_pb2.LayerMarkdoneFramesRequest(layer=layers[0]))
        expect(self.depends.GetDepend(depend_pb2.DependGetDependRequest(id=on_layer.id)).depend.active, False, "active")
        self.jobs.MarkDoneFrames(job_pb2.JobMarkDoneFramesRequest(job=job))
        self.jobs.Resume(job_pb2.JobResumeRequest(job=job))
        self.jobs.Kill(job_pb2.JobKillRequest(job=job, username="ann", reason="over"))
        expect(self.jobs.GetJob(job_pb2.JobGetJobRequest(id=job.id)).job.state, job_pb2.FINISHED, "state")

    def look_after_the_farm(self, job):
        status = self.admin.GetStatus(admin_pb2.GetStatusRequest())
        expect((status.state, status.counts.hosts), (admin_pb2.SERVER_STATE_SERVING, 1), "status")
        expect(list(self.admin.Verify(admin_pb2.VerifyRequest()).problems), [], "problems")
        expect(len(self.admin.GetUnknownRuns(admin_pb2.GetUnknownRunsRequest()).runs), 0, "unknown runs")
        fails(grpc.StatusCode.NOT_FOUND, lambda: self.admin.AcceptRunEnded(admin_pb2.AcceptRunEndedRequest(run_id=job.id, username="ann")))
        self.admin.AllowStrayKills(admin_pb2.AllowStrayKillsRequest(username="ann"))

    def complete(self, run, exit_status, signal=0):
        del self.agent.launched[run.frame_id]
        self.reports.ReportRunningFrameCompletion(report_pb2.RqdReportRunningFrameCompletionRequest(
            frame_complete_report=report_pb2.FrameCompleteReport(
                host=self.agent.host(), frame=self.agent.frame(run), exit_status=exit_status, exit_signal=signal, run_time=5)))

    def state_of(self, frame, state):
        def look():
            seen = self.frames.GetFrame(job_pb2.FrameGetFrameRequest(id=frame.id)).frame
            return seen if seen.state == state else None

        return self.until(look, f"{frame.name} is {job_pb2.FrameState.Name(state)}")

    @staticmethod
    def until(condition, what):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            seen = condition()
            if seen:
                return seen
            time.sleep(0.02)
        raise AssertionError(f"after {PATIENCE} s it is still not so that {what}")


if __name__ == "__main__":
    print("\n".join(Tour(sys.argv[2]).run()))
